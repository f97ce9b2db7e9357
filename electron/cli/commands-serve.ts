/** The command that opens the other face: the same screens in a browser. The server comes from the composition root; faces do not know each other. */
import type { Command, Context } from './command.ts';
import type { ServedScreens } from './served-screens.ts';
import { marks } from './view/marks.ts';

export const serveCommands: Command[] = [
  {
    name: 'serve',
    group: 'Look:',
    summary: 'the screens in a browser',
    details:
      'For machines without a display, and for who likes a browser better. Listens on 127.0.0.1 only. The printed address holds a token that lets in whoever has it; it changes with every start. From elsewhere, use an SSH tunnel to the same port.',
    arguments: [],
    options: [
      { flags: '--port <number>', text: 'listen there; 0 for any free port', kind: 'number' },
      { flags: '--open', text: 'open it in the browser of this machine' },
    ],
    examples: [
      ['moult serve', 'print the address and stay until Ctrl-C'],
      ['moult serve --open', 'and open it here'],
    ],
    async run(context, given) {
      const port = given['port'];
      const server = await context.openServer(context.engine, typeof port === 'number' ? port : undefined);
      try {
        context.screen.emit({ event: 'serving', origin: server.origin, address: server.address });
        context.screen.print([[marks.good, ' Moult is at ', server.address], ['  The address lets in whoever has it. Ctrl-C ends it.']]);
        if (given['open'] === true && !(await server.openBrowser())) {
          context.screen.print([[marks.warning, ' No browser was found; open the address yourself.']]);
        }
        await untilTold(context, server);
      } finally {
        await server.close();
      }
      return { result: { served: server.origin }, lines: [['  Closed.']] };
    },
  },
];

/** Stays until the first Ctrl-C or its like, and then until what runs came to its end; a further one asks that to stop, safely. */
function untilTold({ engine, interrupts, screen }: Context, server: ServedScreens): Promise<void> {
  const told = Promise.withResolvers<void>();
  const hear = (time: number): void => {
    const running = server.running();
    if (time === 1 && running.length > 0) {
      screen.print([
        [
          marks.warning,
          ` ${running.length === 1 ? 'An operation still runs' : `${running.length} operations still run`}; waiting. Ctrl-C again cancels safely.`,
        ],
      ]);
    }
    if (time > 1) for (const operation of running) engine.cancel(operation);
    told.resolve();
  };
  return interrupts.hold(hear, async () => {
    await told.promise;
    for (const operation of server.running()) await engine.wait(operation);
  });
}
