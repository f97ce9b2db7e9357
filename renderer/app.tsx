/**
 * The frame around every page: where one is, whether Moult answers, and the page itself. Home comes with the first script; every other page
 * is fetched when it is first opened.
 */
import { Component, lazy, type ReactNode, Suspense } from 'react';
import { useStore } from 'zustand';
import { AppBar } from './components/app-bar.tsx';
import { Button } from './components/button.tsx';
import { ConnectionBanner } from './components/connection-banner.tsx';
import { Notice } from './components/notice.tsx';
import { Waiting } from './components/waiting.tsx';
import { HomePage } from './pages/home/home-page.tsx';
import type { Route } from './route/route.ts';
import { useRoute } from './route/use-route.ts';
import { useStores } from './store/use-stores.ts';
import './app.css';

const WelcomePage = lazy(async () => ({ default: (await import('./pages/welcome/welcome-page.tsx')).WelcomePage }));
const SetUpPage = lazy(async () => ({ default: (await import('./pages/welcome/set-up-page.tsx')).SetUpPage }));
const InstallPage = lazy(async () => ({ default: (await import('./pages/install/install-page.tsx')).InstallPage }));
const FreshStartPage = lazy(async () => ({ default: (await import('./pages/fresh-start/fresh-start-page.tsx')).FreshStartPage }));
const OperationPage = lazy(async () => ({ default: (await import('./pages/operation/operation-page.tsx')).OperationPage }));
const SettingsPage = lazy(async () => ({ default: (await import('./pages/settings/settings-page.tsx')).SettingsPage }));
const UnknownPage = lazy(async () => ({ default: (await import('./pages/unknown-page.tsx')).UnknownPage }));

export function App() {
  const route = useRoute();
  const hasState = useStore(useStores().connection, (state) => state.hasState);
  return (
    <>
      <a className="skip-link" href="#main" onClick={(event) => skip(event)}>
        Skip to the page
      </a>
      <AppBar route={route} />
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        <Catch key={keyOf(route)}>
          <Suspense fallback={<Waiting>Opening the page …</Waiting>}>
            {hasState ? <Page route={route} /> : <Waiting>Asking Moult how things are …</Waiting>}
          </Suspense>
        </Catch>
      </main>
    </>
  );
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case 'home':
      return <HomePage />;
    case 'add':
      return <WelcomePage />;
    case 'set-up':
      return <SetUpPage product={route.product} />;
    case 'install':
      return <InstallPage install={route.install} tab={route.tab} to={route.to} />;
    case 'fresh-start':
      return <FreshStartPage install={route.install} />;
    case 'operation':
      return <OperationPage operation={route.operation} />;
    case 'settings':
      return <SettingsPage />;
    case 'unknown':
      return <UnknownPage address={route.address} />;
  }
}

/** Tabs of one install are one page: it stays, and so does the focus. */
function keyOf(route: Route): string {
  return route.page === 'install' ? `install ${route.install}` : JSON.stringify(route);
}

function skip(event: { preventDefault(): void }): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('#main')?.focus();
}

/** A mistake in one page takes down that page only, and says so. */
class Catch extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <Notice
        tone="needs"
        role="alert"
        title="This page has a mistake"
        actions={<Button onClick={() => location.reload()}>Load it again</Button>}
      >
        <p>Your installs are not concerned: what runs goes on running.</p>
        <p className="mono small">{error.message}</p>
      </Notice>
    );
  }
}
