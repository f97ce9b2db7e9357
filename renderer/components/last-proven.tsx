import type { Protection } from '../../electron/api/protection.ts';
import { Ago, Until } from './figures.tsx';

/** When a product last ran on a backup, and what is wrong with that, if anything is. */
export function LastProven({ protection }: { protection: Protection }) {
  const { provenAt, warning, next } = protection;
  return (
    <span className={warning === null ? undefined : 'proven-warning'}>
      {provenAt === null ? (
        'Never proven restorable'
      ) : (
        <>
          Last proven restorable <Ago time={provenAt} />
        </>
      )}
      {warning === null ? null : <strong>. {warning}.</strong>}
      {warning !== null || next === null ? null : (
        <span className="quiet">
          , next backup <Until time={next} />
        </span>
      )}
    </span>
  );
}
