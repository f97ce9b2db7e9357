import { useState } from 'react';
import type { FailureData } from '../../../electron/api/failure.ts';
import type { ProductSummary, Status } from '../../../electron/api/models.ts';
import { Button } from '../../components/button.tsx';
import { ChoiceField } from '../../components/choice-field.tsx';
import { CommandLine } from '../../components/command-line.tsx';
import { Form } from '../../components/form.tsx';
import { Panel } from '../../components/panel.tsx';
import { WhenLoaded } from '../../components/waiting.tsx';
import { everything } from '../../store/catalogue.ts';
import { useLoaded, useStores } from '../../store/use-stores.ts';
import { channelLine } from '../../wording/command-line.ts';

/** Which releases an install is offered: one of its product's channels. */
export function ChannelPanel({ status }: { status: Status }) {
  const { products } = useStores();
  const list = useLoaded(products, everything);
  return (
    <Panel title="Channel">
      <WhenLoaded loaded={list} waiting="Reading the catalogue …" onRetry={() => void products.load(everything)}>
        {(known) => <ChannelForm status={status} channels={channelsOf(known, status)} />}
      </WhenLoaded>
    </Panel>
  );
}

function ChannelForm({ status, channels }: { status: Status; channels: ProductSummary['channels'] }) {
  const { client, statuses } = useStores();
  const { install } = status;
  /** What was pressed and not saved yet; until then what is followed shows, whoever changes it. */
  const [wanted, setWanted] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<FailureData | null>(null);
  const [said, setSaid] = useState('');
  const channel = wanted ?? status.channel;
  const save = async (): Promise<void> => {
    setBusy(true);
    const answer = await client.call('setChannel', { install, channel });
    setFailure(answer.ok ? null : answer.error);
    setSaid(answer.ok ? `${install} follows ${answer.result.channel} now.` : '');
    if (answer.ok) await statuses.load({ install });
    if (answer.ok) setWanted(null);
    setBusy(false);
  };
  return (
    <Form onSubmit={() => void save()} failure={failure} install={install}>
      <ChoiceField
        label="Newer releases come from"
        value={channel}
        onChange={setWanted}
        choices={channels.map((each) => ({ value: each.channel, hint: each.note }))}
      />
      <div className="row">
        <Button type="submit" busy={busy} disabled={channel === status.channel}>
          Follow it
        </Button>
        <CommandLine command={channelLine(install, channel)} />
        <p role="status" className="small">
          {said}
        </p>
      </div>
    </Form>
  );
}

/** The product's channels, and the one that is followed also where the product no longer has it. */
function channelsOf(known: readonly ProductSummary[], { product, channel }: Status): ProductSummary['channels'] {
  const channels = known.find((each) => each.product === product)?.channels ?? [];
  if (channel === '' || channels.some((each) => each.channel === channel)) return channels;
  return [...channels, { channel, note: 'Followed now, but not among the product’s channels.' }];
}
