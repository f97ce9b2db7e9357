import { useState } from 'react';
import type { Discovery } from '../../../electron/api/models.ts';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { CopyablePath } from '../../components/copyable.tsx';
import { FailureNotice } from '../../components/failure-notice.tsx';
import { Form } from '../../components/form.tsx';
import { Panel } from '../../components/panel.tsx';
import { PathField } from '../../components/path-field.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useBegin } from '../../components/use-begin.ts';
import { WhenLoaded } from '../../components/waiting.tsx';
import { Disclosure } from '../../components/disclosure.tsx';
import { everything } from '../../store/catalogue.ts';
import { useLoaded, useStores } from '../../store/use-stores.ts';
import { commandLine } from '../../wording/command-line.ts';
import { ChannelSelect } from './channel-select.tsx';
import { ProductSelect } from './product-select.tsx';

/** What is on this machine already and could be adopted. */
export function Found() {
  const { discoveries } = useStores();
  const found = useLoaded(discoveries, everything);
  return (
    <Panel
      title="Found on this machine"
      aside={
        <Button kind="quiet" onClick={() => void discoveries.load(everything)}>
          Look again
        </Button>
      }
    >
      <WhenLoaded loaded={found} waiting="Looking around …" onRetry={() => void discoveries.load(everything)}>
        {(list) =>
          list.length === 0 ? (
            <p className="quiet">Nothing in the usual places that Moult knows and does not keep yet.</p>
          ) : (
            <ul className="choice-list">
              {list.map((each) => (
                <FoundRow key={`${each.product} ${each.home}`} found={each} />
              ))}
            </ul>
          )
        }
      </WhenLoaded>
      <Disclosure summary="It is somewhere else">{() => <AdoptElsewhere />}</Disclosure>
    </Panel>
  );
}

function FoundRow({ found }: { found: Discovery }) {
  const { begin, busy, failure } = useBegin();
  const products = useLoaded(useStores().products, everything);
  const title = products.value?.find((each) => each.product === found.product)?.title ?? found.product;
  const input = { product: found.product, home: found.home };
  return (
    <li>
      <div>
        <p>
          <strong>{title}</strong> <span className="mono">{found.release ?? 'release unknown'}</span>{' '}
          <span className="quiet small">told by {found.evidence}</span>
        </p>
        <span className="small">
          <CopyablePath path={found.home} />
        </span>
      </div>
      <div className="row">
        <CommandLine command={commandLine('adopt', input)} />
        <Button kind="primary" busy={busy} onClick={() => void begin('adopt', input)} aria-label={`Adopt ${title} in ${found.home}`}>
          Adopt
        </Button>
      </div>
      {failure === null ? null : <FailureNotice failure={failure} />}
    </li>
  );
}

function AdoptElsewhere() {
  const [product, setProduct] = useState('');
  const [home, setHome] = useState('');
  const [name, setName] = useState('');
  const [channel, setChannel] = useState('');
  const products = useLoaded(useStores().products, everything);
  const known = products.value?.find((each) => each.product === product);
  const { begin, busy, failure } = useBegin();
  const input = { product, home, ...(name !== '' && { name }), ...(channel !== '' && { channel }) };
  return (
    <Form onSubmit={() => void begin('adopt', input)} failure={failure}>
      <ProductSelect
        value={product}
        onChange={(chosen) => {
          setProduct(chosen);
          setChannel('');
        }}
      />
      <PathField
        label="Home folder"
        hint="Where it has its data. Nothing of it is touched."
        value={home}
        onChange={setHome}
        choose="chooseFolder"
        required
      />
      <TextField label="Name" hint="What you call it; without one, as the product is called." value={name} onChange={setName} isPath />
      {known === undefined ? null : <ChannelSelect channels={known.channels} value={channel} onChange={setChannel} />}
      <div className="row">
        <Button type="submit" busy={busy}>
          Adopt
        </Button>
        {product === '' || home === '' ? null : <CommandLine command={commandLine('adopt', input)} />}
      </div>
    </Form>
  );
}
