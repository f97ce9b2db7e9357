/** Home answers at a glance: how is each install, when was its last backup proven, and what is the one thing to do next. */
import { lazy, Suspense } from 'react';
import { count } from '../../../electron/api/units.ts';
import { PageTitle } from '../../components/page-title.tsx';
import { Waiting } from '../../components/waiting.tsx';
import { useInstalls } from '../../store/use-stores.ts';
import { InstallCard } from './install-card.tsx';
import './home-page.css';

const WelcomePage = lazy(async () => ({ default: (await import('../welcome/welcome-page.tsx')).WelcomePage }));

export function HomePage() {
  const installs = useInstalls();
  if (installs === null) return <Waiting>Looking for your installs …</Waiting>;
  if (installs.length === 0) {
    return (
      <Suspense fallback={<Waiting>Opening the page …</Waiting>}>
        <WelcomePage />
      </Suspense>
    );
  }
  return (
    <div className="page">
      <div className="page-head">
        <PageTitle title="Your installs" />
        <span className="quiet">{count(installs.length, 'install')}</span>
      </div>
      <ul className="install-cards">
        {installs.map((install) => (
          <InstallCard key={install.install} install={install} />
        ))}
      </ul>
    </div>
  );
}
