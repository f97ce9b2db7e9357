/** How backups are kept from others and from loss: encryption, second copies, limits. The same manners as in `models.ts`. */

/** How the backups of an install are encrypted. Holds nothing secret. */
export interface EncryptionState {
  install: string;
  /** Null: they are not. */
  by: 'recipients' | 'passphrase' | null;
  /** Public keys in age's form, and when a key that opens what is locked for them was last tried. */
  recipients: { recipient: string; rehearsedAt: string | null }[];
  passphraseFile: string | null;
  identityFiles: string[];
  /** All that is known to open the backups lies on the machine that is backed up. */
  keyOnlyHere: boolean;
  /** The person said that a copy is kept somewhere else. */
  keptElsewhere: boolean;
}

/** Whether the contents of a backup can be read now, and what that takes. */
export interface Unlocked {
  path: string;
  open: boolean;
  /** Null where it is not encrypted. */
  takes: 'passphrase' | 'key' | null;
}

/** What a list says of an encrypted backup. */
export interface BackupEncryption {
  takes: 'passphrase' | 'key';
  /** What opens it is known on this machine. */
  opensHere: boolean;
  /** And nowhere else, as far as anybody said. */
  keyOnlyHere: boolean;
}

/** A second copy of a backup. */
export interface BackupCopy {
  backup: string;
  folder: string;
  path: string;
  /** `whole`: it was read back there and is the backup, byte for byte. */
  state: 'whole' | 'failed';
  at: string;
  problem: string | null;
}

/** A folder that second copies go to, and how it is now. */
export interface Destination {
  folder: string;
  /** A disk that is not connected is no error. */
  state: 'present' | 'absent';
  reason: string | null;
  free: number | null;
  copies: BackupCopy[];
  /** How many backups have no whole copy there yet. */
  waiting: number;
}

/** How much backups and copies may take of the disk and the network. */
export interface Limits {
  /** Null: as fast as it goes. */
  bytesPerSecond: number | null;
}
