/** People look at an install at any time: a page of the screens every few seconds, and again whenever something happens. */
import { Server } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { makeWorkshop } from './workshop.ts';

test('looking never takes the port of a stopped product, not for a moment: one that is just starting would find it taken', async () => {
  const shop = await makeWorkshop();
  await shop.describe((text) => text.replace('port: { default: 8377,', 'port: { default: 8377, also: [1],'));
  await shop.setUp();
  await shop.does('stop', {});
  const listen = vi.spyOn(Server.prototype, 'listen');
  onTestFinished(() => listen.mockRestore());
  const { api } = shop.engine;
  expect((await api.status({ offline: true })).service.state).toBe('stopped');
  await Promise.all([api.plan({}), api.check({}), api.drift({})]);
  expect(listen).not.toHaveBeenCalled();
});

test('what listens on the port of a stopped product is seen all the same', async () => {
  const shop = await makeWorkshop();
  await shop.setUp();
  await shop.does('stop', {});
  const { port } = (await shop.engine.api.status({ offline: true })).service;
  const stranger = new Server().listen(port ?? 0, '127.0.0.1');
  onTestFinished(() => void stranger.close());
  expect((await shop.engine.api.status({ offline: true })).service.state).toBe('foreign');
  expect(await shop.fails('start', {})).toMatchObject({ code: 'port-in-use' });
});
