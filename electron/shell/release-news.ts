/** Which releases a person has not been told of. */
import { type InstallView, offered } from './install-view.ts';
import type { ReleaseNews } from './webhook.ts';

/** One piece of news for each install that is offered a release it was not told of. */
export function releaseNews(views: readonly InstallView[], toldOf: Readonly<Record<string, string>>): ReleaseNews[] {
  return views.flatMap((view) => {
    const to = offered(view);
    const { install, product, title, release } = view.install;
    if (to === null || toldOf[install] === to) return [];
    return [{ event: 'release', install, product, title, from: release, to, notes: view.status?.update.notes ?? null }];
  });
}
