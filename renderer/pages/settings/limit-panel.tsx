/** How much backups and copies may take of the disk and the network while a product runs. */
import { useState } from 'react';
import { humanBytes, parseBytes } from '../../../electron/api/units.ts';
import { Button } from '../../components/button.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { Form } from '../../components/form.tsx';
import { Panel } from '../../components/panel.tsx';
import { TextField } from '../../components/text-field.tsx';
import { useChange } from '../../components/use-change.ts';
import { WhenLoaded } from '../../components/waiting.tsx';
import { useLoaded, useStores } from '../../store/use-stores.ts';
import { limitLine } from '../../wording/command-line.ts';
import { ratePattern } from '../../wording/rates.ts';

const all = {};

export function LimitPanel() {
  const { limits } = useStores();
  const known = useLoaded(limits, all);
  return (
    <Panel title="Speed of backups">
      <WhenLoaded loaded={known} waiting="Reading the limit …" install={null} onRetry={() => void limits.load(all)}>
        {({ bytesPerSecond }) => <LimitForm key={String(bytesPerSecond)} limit={bytesPerSecond} />}
      </WhenLoaded>
    </Panel>
  );
}

function LimitForm({ limit }: { limit: number | null }) {
  const { client, limits } = useStores();
  const { busy, failure, change } = useChange();
  const [rate, setRate] = useState(limit === null ? '' : humanBytes(limit));
  const wanted = parseBytes(rate);
  const set = async (bytesPerSecond: number | null): Promise<void> => {
    if (await change(() => client.call('setLimits', { bytesPerSecond }))) await limits.load(all);
  };
  return (
    <Form
      onSubmit={() => {
        if (wanted !== null && wanted !== limit) void set(wanted);
      }}
      failure={failure}
    >
      <p className="quiet" role="status">
        {limit === null
          ? 'Backups and copies go as fast as they can.'
          : `Backups and copies take at most ${humanBytes(limit)} a second while a product runs.`}
      </p>
      <TextField
        label="At most, a second"
        hint="Such as 20 MiB. Once a product was stopped for an upgrade, what is left is done as fast as it goes."
        pattern={ratePattern}
        required
        value={rate}
        onChange={setRate}
      />
      <div className="row">
        <Button type="submit" busy={busy} disabled={wanted === null || wanted === limit}>
          Set the limit
        </Button>
        {limit === null ? null : (
          <Button busy={busy} onClick={() => void set(null)}>
            Take it off
          </Button>
        )}
        <CommandLine command={limitLine(wanted)} />
      </div>
    </Form>
  );
}
