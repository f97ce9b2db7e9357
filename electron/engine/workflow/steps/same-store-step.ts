/**
 * The step that sees to it that a release which was started works on the datastore that Moult keeps. A product that finds its volume by a name that
 * it makes up may make up another one in its next release, begin there with nothing, and be healthy: then the ledger of the
 * volume that was kept is still where it was.
 */
import { Failure } from '../../../api/failure.ts';
import type { InstallRecord } from '../../install/record.ts';
import { compareVersions } from '../../ledger/compare.ts';
import type { Step } from '../../operation/step.ts';
import { readSchema } from '../facts.ts';
import { openAt } from '../kit.ts';
import type { Scene } from '../program.ts';

/** None for a product that keeps nothing in volumes. */
export function sameStoreSteps(scene: Scene, next: InstallRecord): Step[] {
  if (!scene.descriptor.datastores.some((spec) => spec.driver === 'docker-postgres')) return [];
  return [
    {
      id: 'same-store',
      title: 'See that it works on the same datastore',
      weight: 1,
      touches: true,
      run: async () => {
        const opened = await openAt(scene.descriptor, scene.home, next);
        const store = opened.items.find((item) => item.kind === 'volume' && item.item.id === scene.descriptor.ledger?.datastore);
        if (store === undefined) return;
        const { version, known, error } = await readSchema(opened);
        // It runs, so the server of its volume has to answer.
        const isElsewhere = error !== null || (version !== null && known !== null && compareVersions(version, known) < 0);
        if (!isElsewhere) return;
        throw new Failure(
          'health-failed',
          `${scene.descriptor.title} ${next.release} runs, but ${store.paths[0]} ${error === null ? `is still at schema version ${version} and not at ${known}` : `cannot be asked (${error})`}: it works on another datastore, where your data are not.`,
          {
            remedy: {
              action: 'accept',
              text: `Look in the notes of ${next.release} where it keeps its data in Docker, and bring the data there first.`,
            },
            details: { schema: version, known, datastore: store.paths[0] },
          },
        );
      },
    },
  ];
}
