import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { folderFiles } from '../../src/platform/files.ts'

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-files-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const taken: Uint8Array[] = []
  for await (const chunk of chunks) taken.push(chunk)
  return Buffer.concat(taken).toString()
}

test('files are found in every folder, in order of name, hidden ones and folders left out', async () => {
  await inFolder(async (folder) => {
    await mkdir(join(folder, 'deep/er'), { recursive: true })
    await mkdir(join(folder, '.git'))
    for (const name of ['z.csv', 'deep/er/a b.csv', '.DS_Store', '.git/config'])
      await writeFile(join(folder, name), name)
    await utimes(join(folder, 'z.csv'), 1_600_000_000.5, 1_600_000_000.5)
    await symlink(join(folder, 'deep'), join(folder, 'link'))
    const files = await folderFiles(folder)
    assert.deepEqual(
      files.map(({ name, sizeBytes }) => [name, sizeBytes]),
      [
        ['deep/er/a b.csv', 15],
        ['z.csv', 5],
      ],
    )
    assert.equal(files[1]?.modifiedMs, 1_600_000_000_500)
    const [file] = files
    assert.equal(await textOf(file?.open() ?? (async function* () {})()), 'deep/er/a b.csv')
  })
})

test('a file that is gone when it is opened, and a folder that is none, are told with what mends it', async () => {
  await inFolder(async (folder) => {
    await writeFile(join(folder, 'a.csv'), 'a')
    const [file] = await folderFiles(folder)
    await unlink(join(folder, 'a.csv'))
    await assert.rejects(textOf(file?.open() ?? (async function* () {})()), { code: 'land/vanished' })
    await assert.rejects(folderFiles(join(folder, 'nowhere')), { code: 'land/no-folder' })
    await writeFile(join(folder, 'file'), '')
    await assert.rejects(folderFiles(join(folder, 'file')), { code: 'land/no-folder' })
  })
})
