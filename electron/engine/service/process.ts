import type { ServiceDriver } from './target.ts';

export const processDriver: ServiceDriver = {
  start: () => Promise.reject(new Error('not written yet')),
  stop: () => Promise.reject(new Error('not written yet')),
  find: () => Promise.reject(new Error('not written yet')),
  signalAll: () => Promise.reject(new Error('not written yet')),
  lastWords: () => Promise.reject(new Error('not written yet')),
};
