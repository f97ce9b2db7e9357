import { dirname, join } from 'node:path';
import { Failure } from '../../api/failure.ts';
import { environmentWithout, nodeCommand, platform, variable } from '../platform/environment.ts';
import { followOrNull, realPathOrNull } from '../platform/files.ts';

export interface NpmCommand {
  command: string[];
  env: Record<string, string>;
}

/**
 * The npm of this machine, run by the Node that runs products: the one that came with that Node, else the one on the PATH.
 * Its environment has nothing of an npm or a Node option that Moult itself may have been started with; the person's own npmrc still counts,
 * because a proxy or the login of a registry stands there. Throws `unsupported` where there is no npm.
 */
export async function findNpm(): Promise<NpmCommand> {
  const node = nodeCommand();
  const env = { ...environmentWithout(['npm_*', 'NPM_*', 'NODE_OPTIONS', 'INIT_CWD', 'ELECTRON_RUN_AS_NODE']), ...node.env };
  for (const script of scriptsBeside(node.path)) if (await isFile(script)) return { command: [node.path, script], env };
  for (const folder of (variable('PATH') ?? variable('Path') ?? '').split(platform() === 'windows' ? ';' : ':')) {
    if (folder === '') continue;
    const script = await scriptIn(folder);
    if (script !== null) return { command: [node.path, script], env };
  }
  throw new Failure(
    'unsupported',
    'this product is installed with npm, and there is no npm on this machine: neither beside Node nor on the PATH',
    {
      remedy: { action: 'show-help', text: 'Install Node.js with npm (https://nodejs.org) and try again.' },
      details: { node: node.path },
    },
  );
}

/** Where Node's own installers put npm: on Windows beside the program, elsewhere in `lib` beside `bin`. */
function scriptsBeside(node: string): string[] {
  const script = join('node_modules', 'npm', 'bin', 'npm-cli.js');
  return [join(dirname(node), script), join(dirname(node), '..', 'lib', script)];
}

/** `npm` on the PATH is a link to npm-cli.js, or on Windows a `npm.cmd` with the script below it. */
async function scriptIn(folder: string): Promise<string | null> {
  const linked = await realPathOrNull(join(folder, 'npm'));
  if (linked?.endsWith('npm-cli.js')) return linked;
  const below = scriptsBeside(join(folder, 'node'));
  for (const script of below) if ((linked !== null || (await isFile(join(folder, 'npm.cmd')))) && (await isFile(script))) return script;
  return null;
}

async function isFile(path: string): Promise<boolean> {
  return (await followOrNull(path))?.isFile() ?? false;
}
