import { changed } from './fixture.ts';

/** One way to break the example: the change, the text on the line that is named, and what the message has to say. */
export interface Broken {
  name: string;
  break: (text: string) => string;
  /** The text whose first line the first problem names. */
  on: string;
  key: string;
  says: string[];
}

const swap = (from: string | RegExp, to: string) => (text: string) => changed(text, from, to);

export const broken: Broken[] = [
  { name: 'an unknown key', break: swap('title: Jotter', 'tilte: Jotter'), on: 'tilte', key: 'tilte', says: ['unknown here', 'did you mean "title"?', 'allowed: $schema, format'] },
  { name: 'a missing key', break: swap(/^summary: .*\n/m, ''), on: 'format: 1', key: 'summary', says: ['is missing', 'allowed: a text'] },
  { name: 'a wrong type', break: swap('keys: [admin.name, admin.hash]', 'keys: admin.name'), on: 'admin.name', key: 'items[2].at[0].keys.keys', says: ['"admin.name"', 'allowed: a list'] },
  { name: 'a text for a number', break: swap('default: 4780', 'default: many'), on: 'many', key: 'port.default', says: ['"many"', 'allowed: a number'] },
  { name: 'a port out of range', break: swap('default: 4780', 'default: 70000'), on: '70000', key: 'port.default', says: ['"70000"', 'at most 65535'] },
  { name: 'a fate that does not exist', break: swap('upgrade: preserve', 'upgrade: preserv'), on: 'preserv,', key: 'items[0].fate.upgrade', says: ['"preserv"', 'preserve, replace, migrate, refresh, keep'] },
  { name: 'a driver that does not exist', break: swap('driver: sqlite', 'driver: oracle'), on: 'oracle', key: 'datastores[0].driver', says: ['"oracle"', 'allowed: sqlite, files'] },
  { name: 'a missing driver', break: swap('feed: { driver: npm, package: jotter }', 'feed: { package: jotter }'), on: 'feed:', key: 'feed.driver', says: ['is missing', 'folder, npm'] },
  { name: 'a path that climbs', break: swap('path: logs', 'path: ../logs'), on: '../logs', key: 'items[5].at[0].path', says: ['"../logs"', 'climbs', 'leaves the owned roots'] },
  { name: 'an absolute path', break: swap('path: logs', 'path: /var/log'), on: 'path: /var/log', key: 'items[5].at[0].path', says: ['"/var/log"', 'is absolute', 'leaves the owned roots'] },
  { name: 'a path with a drive', break: swap('path: logs', 'path: "C:/logs"'), on: 'C:/logs', key: 'items[5].at[0].path', says: ['is absolute'] },
  { name: 'a path in the personal folder', break: swap('path: logs', 'path: ~/logs'), on: '~/logs', key: 'items[5].at[0].path', says: ['begins with ~'] },
  { name: 'a path with backslashes', break: swap('path: logs', 'path: a\\b'), on: 'a\\b', key: 'items[5].at[0].path', says: ['forward slashes'] },
  { name: "Moult's own folder", break: swap('path: logs', 'path: .moult/x'), on: '.moult', key: 'items[5].at[0].path', says: ["Moult's own folder"] },
  { name: 'a glob as a path', break: swap('path: logs', 'path: "logs/*"'), on: 'logs/*', key: 'items[5].at[0].path', says: ['wildcards belong in a glob'] },
  { name: 'a glob that climbs in braces', break: swap('path: logs', 'glob: "{..,a}/b"'), on: '{..,a}', key: 'items[5].at[0].glob', says: ['alternative in braces'] },
  { name: 'a glob with an unknown wildcard', break: swap('path: logs', 'glob: "[a-z]*"'), on: '[a-z]', key: 'items[5].at[0].glob', says: ['*, ?, {a,b} and **'] },
  { name: 'a place of two kinds', break: swap('{ path: logs }', '{ path: logs, glob: "l*" }'), on: '{ path: logs, ', key: 'items[5].at[0]', says: ['exactly one of path, glob, setting (with default), keys, slot'] },
  { name: 'a misspelt key of a place', break: swap('default: pages', 'defualt: pages'), on: 'defualt', key: 'items[0].at[0].defualt', says: ['did you mean "default"?', 'allowed: setting, default'] },
  { name: 'a slot path that climbs', break: swap('slot: .', 'slot: ../x'), on: 'slot: ../x', key: 'items[4].at[0].slot', says: ['climbs'] },
  { name: 'an item named twice', break: swap('id: logs', 'id: pages'), on: '- id: pages\n    title: Logs', key: 'items[5].id', says: ['second item', '"pages"'] },
  { name: 'a config file that is not there', break: swap('config: main, key: pages.folder', 'config: mian, key: pages.folder'), on: 'mian', key: 'items[0].at[0].setting.config', says: ['no config file is called "mian"', 'did you mean "main"?'] },
  { name: 'a datastore in no item', break: swap('item: datastore }', 'item: store }'), on: 'item: store', key: 'datastores[0].item', says: ['no item is called "store"', 'allowed: pages, datastore'] },
  { name: 'a channel that is not there', break: swap('defaultChannel: stable', 'defaultChannel: stabel'), on: 'stabel', key: 'defaultChannel', says: ['no channel', 'did you mean "stable"?'] },
  { name: 'an unknown placeholder', break: swap('"{node}"', '"{nod}"'), on: '{nod}', key: 'service.command[0]', says: ['{nod}', 'did you mean {node}?', '{item:ID}'] },
  { name: 'a placeholder before its time', break: swap('candidates: [/usr/lib', 'candidates: ["{slot}/x", /usr/lib'), on: 'candidates', key: 'code.candidates[0]', says: ['{slot}', 'allowed here: {home}'] },
  { name: 'a placeholder of an item that is not there', break: swap('--port, "{port}"]', '--data, "{item:data}"]'), on: '{item:data}', key: 'service.command[5]', says: ['no item is called "data"'] },
  { name: 'a port that is not told', break: swap(/^port:\n.*\n.*\n/m, ''), on: 'command:', key: 'service.command[5]', says: ['{port}', 'has no port'] },
  { name: 'a file outside the release', break: swap('"{slot}/node_modules/jotter/package.json"', '"{slot}/../x.json"'), on: '{slot}/..', key: 'code.version.file', says: ['climbs'] },
  { name: 'a file nowhere', break: swap('"{slot}/node_modules/jotter/package.json"', '/etc/passwd'), on: '/etc/passwd', key: 'code.version.file', says: ['begins with neither {slot}/ nor {home}/'] },
  { name: 'an address that is none', break: swap('url: "http://127.0.0.1:{port}/health", expect', 'url: "ftp://127.0.0.1/", expect'), on: 'ftp:', key: 'health.ready[0].url', says: ['http:// or https://'] },
  { name: 'a pointer that is none', break: swap('pointer: /status', 'pointer: status'), on: 'pointer: status', key: 'health.ready[0].expect[0].pointer', says: ['JSON Pointer'] },
  { name: 'a duration that is none', break: swap('log: logs/jotter.log', 'log: logs/jotter.log\n  stop: { grace: soon }'), on: 'soon', key: 'service.stop.grace', says: ['500ms, 10s, 5m or 2h'] },
  { name: 'a range that is none', break: swap('prerelease: true }', 'prerelease: true, range: newest }'), on: 'newest', key: 'channels.next.range', says: ['a range of versions'] },
  { name: 'a home that is everything', break: swap('linux: ~/.jotter', 'linux: ~/'), on: 'linux', key: 'home.linux', says: ['no folder of its own'] },
  { name: 'a home that is relative', break: swap('linux: ~/.jotter', 'linux: jotter'), on: 'linux: jotter', key: 'home.linux', says: ['not absolute'] },
  { name: 'a fate of a release part', break: swap('upgrade: replace, uninstall: remove', 'upgrade: preserve, uninstall: remove'), on: 'preserve, uninstall: remove', key: 'items[4].fate.upgrade', says: ['allowed: replace'] },
  { name: 'a purge that keeps what an uninstall removes', break: swap('upgrade: keep, uninstall: remove, purge: remove', 'upgrade: keep, uninstall: remove, purge: keep'), on: 'purge: keep', key: 'items[5].fate.purge', says: ['contradicts uninstall: remove'] },
  { name: 'a migration without a way back', break: swap('    required: true', '    backup: false'), on: 'backup: false', key: 'items[1].backup', says: ['must be in backups'] },
  { name: 'a login in a file that is removed', break: swap(/(path: jotter\.json \}\n {4}fate: \{ upgrade: preserve, uninstall: )keep/, '$1remove'), on: '    fate: { upgrade: preserve, uninstall: keep, purge: remove }\n    secret: true', key: 'items[2].fate.uninstall', says: ['"keep" cannot be kept', 'item "config"', 'remove'] },
  { name: 'options in a file of nobody', break: swap('{ path: jotter.json }', '{ path: other.json }'), on: 'config: main, keys', key: 'items[2].at[0].keys.config', says: ['jotter.json', 'belongs to no item'] },
  { name: 'a kept item in a removed one', break: swap('{ path: jotter.db }', '{ path: logs/jotter.db }'), on: '    fate: { upgrade: migrate', key: 'items[1].fate.uninstall', says: ['inside the item "logs"'] },
  { name: 'leaving home without a setting', break: swap(/(path: logs \}\n)/, '$1    mayLeaveHome: true\n'), on: '    mayLeaveHome: true\n    fate', key: 'items[5].mayLeaveHome', says: ['only a place that a setting names'] },
  { name: 'options of a format without options', break: swap('format: json', 'format: text'), on: 'setting: { config: main, key: server.port', key: 'port.setting.config', says: ['has no options'] },
  { name: 'an archive from npm', break: swap('payload: { driver: npm, package: jotter }', 'payload: { driver: archive }'), on: 'driver: archive', key: 'payload.driver', says: ['npm payload needs an npm feed'] },
  { name: 'a control character', break: swap('title: Jotter', 'title: "a\\e[31mb"'), on: '\\e[31m', key: 'title', says: ['one line without control characters'] },
  { name: 'a key that is written twice', break: swap('title: Jotter', 'title: Jotter\ntitle: Other'), on: 'title: Other', key: 'title', says: ['written twice'] },
  { name: 'a tab', break: swap('  linux:', '\tlinux:'), on: '\tlinux', key: '', says: ['tab'] },
  { name: 'a bracket that is not closed', break: swap('[jotter.json, jotter.db]', '[jotter.json, jotter.db'), on: 'config:\n', key: '', says: ['bracket'] },
  { name: 'a second document', break: (text) => `${text}---\nformat: 1\n`, on: '---', key: '', says: ['second document'] },
  { name: 'a tag', break: swap('title: Jotter', 'title: !secret Jotter'), on: '!secret', key: '', says: ['tag'] },
];
