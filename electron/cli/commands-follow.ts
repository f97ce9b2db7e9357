/** The commands that say which releases an install is offered: its channel, and a pin that ends how far it may go. */
import type { InstallSummary } from '../api/models.ts';
import { table } from './layout.ts';
import { ask, type Command, type Context, type Ending, type Given, installArgument, pick } from './command.ts';
import type { Line } from './page.ts';
import { quiet, strong } from './view/marks.ts';

const group = 'Upgrade and go back:';

export const followCommands: Command[] = [
  {
    name: 'channel',
    group,
    summary: 'where newer releases come from',
    details: 'Without --to: the channels of the product, and which one is followed.',
    arguments: [installArgument],
    options: [{ flags: '--to <channel>', text: 'follow this channel from now on' }],
    examples: [
      ['moult channel sprig', 'the channels there are'],
      ['moult channel sprig --to next', 'follow another one'],
    ],
    async run(context, given) {
      if (given['to'] === undefined) return showChannels(context, given);
      const install = await ask(context, 'setChannel', { ...pick(given, 'install'), channel: given['to'] });
      return { result: install, lines: [[strong(install.install), ` follows ${install.channel} now.`]] };
    },
  },
  {
    name: 'pin',
    group,
    summary: 'offer nothing newer than a release',
    details: 'A pinned install is upgraded up to the pin and no further, by nobody, until `moult unpin`.',
    arguments: [installArgument],
    options: [{ flags: '--to <release>', text: 'the release; without it the one that is there' }],
    examples: [
      ['moult pin sprig', 'stay on this release'],
      ['moult pin sprig --to 1.2.0', 'go up to 1.2.0 and no further'],
    ],
    async run(context, given) {
      const status = given['to'] === undefined ? await ask(context, 'status', { ...pick(given, 'install'), offline: true }) : null;
      const named = status === null ? pick(given, 'install') : { install: status.install };
      return pinned(await ask(context, 'setPin', { ...named, pin: given['to'] ?? status?.release ?? '' }));
    },
  },
  {
    name: 'unpin',
    group,
    summary: 'offer every newer release of the channel again',
    arguments: [installArgument],
    options: [],
    examples: [['moult unpin sprig', 'the channel alone says what is offered']],
    async run(context, given) {
      return pinned(await ask(context, 'setPin', { ...pick(given, 'install'), pin: null }));
    },
  },
];

async function showChannels(context: Context, given: Given): Promise<Ending> {
  const { install, product, channel, pin } = await ask(context, 'status', { ...pick(given, 'install'), offline: true });
  const products = await ask(context, 'products', {});
  const channels = products.find((each) => each.product === product)?.channels ?? [];
  const rows = channels.map((each): Line[] => [[each.channel === channel ? strong(each.channel) : each.channel], [quiet(each.note ?? '')]]);
  return {
    result: { install, channel, pin, channels },
    lines: [[strong(install), ` follows ${channel}${pin === null ? '' : `, pinned to ${pin}`}.`], ...table(rows, context.screen.width, 2)],
  };
}

function pinned(install: InstallSummary): Ending {
  const words = install.pin === null ? ` is not pinned; it is offered what ${install.channel} has.` : ` is pinned to ${install.pin}.`;
  return { result: install, lines: [[strong(install.install), words]] };
}
