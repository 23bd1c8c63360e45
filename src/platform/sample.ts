import type { SampleOptions, WriteSampleFolder } from './api.ts'

export async function writeSample(_folder: string, _sample: SampleOptions, _signal: AbortSignal): Promise<void> {}
export const writeSampleFolder: WriteSampleFolder = async () => ({ files: [] })
