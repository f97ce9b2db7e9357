import type { ProductSummary } from '../../../electron/api/models.ts';
import { SelectField } from '../../components/select-field.tsx';

/** The first is where every install begins, so that nothing has to be said for it. */
export function ChannelSelect({
  channels,
  value,
  onChange,
}: {
  channels: ProductSummary['channels'];
  value: string;
  onChange: (channel: string) => void;
}) {
  const chosen = channels.find((each) => each.channel === value) ?? channels[0];
  return (
    <SelectField
      label="Channel"
      hint={chosen?.note ?? 'Where newer releases come from.'}
      options={channels.map(({ channel }) => ({ value: channel, text: channel }))}
      value={chosen?.channel ?? ''}
      onChange={(channel) => onChange(channel === channels[0]?.channel ? '' : channel)}
    />
  );
}
