import assert from 'node:assert/strict';
import { test } from 'node:test';
import { find, type Looking } from '../../../../editors/vscode/src/find.ts';

/** Look on a machine on which exactly `there` can be started. */
function look(there: string[], more: Partial<Looking> = {}) {
  return find({
    setting: '',
    folders: ['/work'],
    trusted: true,
    searchPath: '/usr/local/bin:/usr/bin',
    privateEnvironment: '/storage/environment',
    home: '/home/me',
    windows: false,
    startable: (file) => there.includes(file),
    ...more,
  });
}

const everywhere = ['/own/twolane', '/work/.venv/bin/twolane', '/usr/bin/twolane', '/storage/environment/bin/twolane'];

test('the setting, the environment of the workspace, PATH, the private environment, in this order', () => {
  const found = (from: number, setting = '') => look(everywhere.slice(from), { setting });
  assert.deepEqual(found(0, '/own/twolane'), { program: '/own/twolane', source: 'the setting twolane.server.path' });
  assert.deepEqual(found(1), { program: '/work/.venv/bin/twolane', source: "the workspace's environment" });
  assert.deepEqual(found(2), { program: '/usr/bin/twolane', source: 'PATH' });
  const last = found(3);
  assert.ok('program' in last && last.program === '/storage/environment/bin/twolane');
});

test('a setting that names nothing that can be started is told, and nothing else is started', () => {
  const found = look(everywhere, { setting: '~/gone/twolane' });
  assert.ok('reason' in found && found.named && found.reason.includes('/home/me/gone/twolane'));
});

test('a setting may name a place of the workspace', () => {
  const found = look(['/work/tools/twolane'], { setting: '${workspaceFolder}/tools/twolane' });
  assert.ok('program' in found);
  assert.ok('program' in look(['/work/tools/twolane'], { setting: 'tools/twolane' }));
});

test("a stranger's environment is passed over, and that is said", () => {
  const found = look(['/work/.venv/bin/twolane'], { trusted: false });
  assert.ok('reason' in found && found.reason.includes('not trusted'));
  assert.ok('program' in look(['/work/.venv/bin/twolane', '/usr/bin/twolane'], { trusted: false }));
});

test('no setting starts a program of a workspace that is not trusted', () => {
  for (const setting of ['${workspaceFolder}/.venv/bin/twolane', '.venv/bin/twolane', '/work/.venv/bin/twolane']) {
    const found = look(everywhere, { setting, trusted: false });
    assert.ok('reason' in found && found.named && found.reason.includes('not trusted'), setting);
  }
  assert.ok('program' in look(['/workshop/twolane'], { setting: '/workshop/twolane', trusted: false }));
});

test('a relative folder in PATH is never looked into, for it may be the workspace', () => {
  assert.ok('reason' in look(['bin/twolane', './twolane', 'twolane'], { searchPath: 'bin:.:' }));
});
