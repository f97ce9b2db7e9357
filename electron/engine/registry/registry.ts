/** All of the registry behind one door. */
import { now } from '../platform/clock.ts';
import { backupCatalogue, type BackupCatalogue } from './backups.ts';
import { copyList, type CopyList } from './copies.ts';
import { openRegistry } from './database.ts';
import { installList, type InstallList } from './installs.ts';
import { operationList, type OperationList } from './operations.ts';
import { learnedMigrations, rehearsalList, type LearnedMigrations, type RehearsalList } from './rehearsals.ts';

export interface Quarantined {
  release: string;
  reason: string;
}

export interface Registry {
  /** Nothing is in it: it was just made. */
  isNew(): boolean;
  installs: InstallList;
  operations: OperationList;
  backups: BackupCatalogue;
  copies: CopyList;
  rehearsals: RehearsalList;
  learned: LearnedMigrations;
  /** Releases that failed in this home, newest entry first. */
  quarantined(home: string): Quarantined[];
  quarantine(home: string, release: string, reason: string): void;
  acquit(home: string, release: string): void;
  setting<T>(name: string, otherwise: T): T;
  set(name: string, value: unknown): void;
  /** Seconds the product was down in the last such operations, newest first. */
  downtimes(home: string, action: string): number[];
  addDowntime(home: string, action: string, seconds: number): void;
  close(): void;
}

/** Opens the registry in Moult's own folder. */
export async function openWholeRegistry(moultHome: string): Promise<Registry> {
  const database = await openRegistry(moultHome);
  return {
    isNew: () =>
      database.prepare('SELECT count(*) FROM installs').pluck().get() === 0 &&
      database.prepare('SELECT count(*) FROM backups').pluck().get() === 0,
    installs: installList(database),
    operations: operationList(database),
    backups: backupCatalogue(database),
    copies: copyList(database),
    rehearsals: rehearsalList(database),
    learned: learnedMigrations(database),
    quarantined: (home) =>
      database.prepare('SELECT release, reason FROM quarantine WHERE home = ? ORDER BY at DESC').all(home) as Quarantined[],
    quarantine: (home, release, reason) => {
      database
        .prepare('INSERT OR REPLACE INTO quarantine (home, release, reason, at) VALUES (?, ?, ?, ?)')
        .run(home, release, reason, now());
    },
    acquit: (home, release) => {
      database.prepare('DELETE FROM quarantine WHERE home = ? AND release = ?').run(home, release);
    },
    setting: <T>(name: string, otherwise: T): T => {
      const row = database.prepare('SELECT value FROM settings WHERE name = ?').get(name) as { value: string } | undefined;
      return row === undefined ? otherwise : (JSON.parse(row.value) as T);
    },
    set: (name, value) => {
      database.prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)').run(name, JSON.stringify(value));
    },
    downtimes: (home, action) =>
      (
        database.prepare('SELECT seconds FROM downtimes WHERE home = ? AND action = ? ORDER BY at DESC LIMIT 5').all(home, action) as {
          seconds: number;
        }[]
      ).map((row) => row.seconds),
    addDowntime: (home, action, seconds) => {
      database.prepare('INSERT INTO downtimes (home, action, seconds, at) VALUES (?, ?, ?, ?)').run(home, action, seconds, now());
    },
    close: () => database.close(),
  };
}
