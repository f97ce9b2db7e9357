/** How an install comes to Moult: adopt what is there already, set one up from the catalogue, or try the sample. */
import { Sparkles } from 'lucide-react';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Mark } from '../../components/mark.tsx';
import { PageTitle } from '../../components/page-title.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { useInstalls } from '../../store/use-stores.ts';
import { commandLine } from '../../wording/command-line.ts';
import { Catalogue } from './catalogue.tsx';
import { Found } from './found.tsx';
import { FromBackup } from './from-backup.tsx';
import './welcome-page.css';

/** The sample comes with Moult. It begins with an older release, so that there is an upgrade to try. */
const sample = { product: 'sprig', release: '1.0.0' };

/** Where its own port is taken, others are tried before a person is asked: one press has to do. */
const otherPorts = [8378, 8379, 8380, 8381, 8382];

export function WelcomePage() {
  const installs = useInstalls();
  const isFirst = installs?.length === 0;
  return (
    <div className="page">
      {isFirst ? (
        <div className="welcome-hero">
          <Mark size={72} />
          <div className="stack-tight">
            <PageTitle title="Moult">Upgrade without fear</PageTitle>
            <p className="welcome-lead">
              Moult shows what stays and what changes before it touches anything, backs up first, and brings you back if something goes
              wrong.
            </p>
          </div>
        </div>
      ) : (
        <PageTitle title="Add an install" />
      )}
      {isFirst ? <Sample /> : null}
      <Found />
      <Catalogue />
      <FromBackup />
      {isFirst || installs?.some((install) => install.product === sample.product) === true ? null : <Sample />}
    </div>
  );
}

function Sample() {
  const { begin, busy, failure } = useBegin();
  const tryIt = async (): Promise<void> => {
    let refusal = await begin('setUp', sample);
    for (const port of otherPorts) if (refusal?.code === 'port-in-use') refusal = await begin('setUp', { ...sample, port });
  };
  return (
    <section className="welcome-sample" aria-labelledby="sample-title">
      <div className="stack-tight">
        <h2 id="sample-title">Just look around</h2>
        <p className="quiet">A small notes server that comes with Moult. It needs no network, and goes as easily as it came.</p>
        {failure === null ? null : <FailureNotice failure={failure} />}
      </div>
      <div className="row">
        <Button kind="primary" busy={busy} icon={<Sparkles size={16} aria-hidden="true" />} onClick={() => void tryIt()}>
          Try the sample
        </Button>
        <CommandLine command={commandLine('setUp', sample)} />
      </div>
    </section>
  );
}
