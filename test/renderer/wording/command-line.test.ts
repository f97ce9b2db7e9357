import { expect, test } from 'vitest';
import { channelLine, commandLine, pinLine } from '../../../renderer/wording/command-line.ts';

test('says what the command line would do, without what is nothing but a yes', () => {
  expect(commandLine('upgrade', { install: 'sprig', to: '2.0.0', digest: 'abc' })).toBe('moult upgrade sprig --to 2.0.0');
  expect(commandLine('uninstall', { install: 'sprig', purge: true })).toBe('moult uninstall sprig --purge');
  expect(commandLine('verify', { input: '/mnt/a.tar.zst' })).toBe('moult verify /mnt/a.tar.zst');
  expect(commandLine('setUp', { product: 'sprig', port: 80, start: false })).toBe('moult set-up sprig --port 80 --no-start');
  expect(commandLine('setUp', { product: 'sprig', start: true })).toBe('moult set-up sprig');
});

test('says how a channel is followed, and a pin set and taken off', () => {
  expect(channelLine('sprig', 'next')).toBe('moult channel sprig --to next');
  expect(pinLine('my notes', '1.2.0')).toBe("moult pin 'my notes' --to 1.2.0");
  expect(pinLine('sprig', null)).toBe('moult unpin sprig');
});

test('what a shell would take apart is quoted', () => {
  expect(commandLine('restore', { install: 'my notes', input: "/mnt/ann's disk/$(rm -r).tar" })).toBe(
    String.raw`moult restore 'my notes' --input '/mnt/ann'\''s disk/$(rm -r).tar'`,
  );
});

test('what a backup is locked with is named as the command line names it; a passphrase is asked for', () => {
  const input = { install: 'sprig', output: '/mnt/a b.tar.zst', recipients: ['age1ann', 'age1ola'], limit: 1024 };
  expect(commandLine('backUp', input)).toBe("moult backup sprig --output '/mnt/a b.tar.zst' --recipient age1ann,age1ola --limit 1024");
  expect(commandLine('backUp', { install: 'sprig', held: 'h-1' })).toBe('moult backup sprig --passphrase');
  expect(commandLine('restore', { install: 'sprig', input: 'b-1', files: ['notes/a.md'], keepSecrets: true })).toBe(
    'moult restore sprig --input b-1 --file notes/a.md --keep-secrets',
  );
});
