// How much a capture keeps, and for how long: the settings `sseDebugger.capture.*`.
import * as v from 'valibot';

const megabytes = (least: number, most: number) => v.pipe(v.number(), v.minValue(least), v.maxValue(most));

/** Each setting by the last part of its name. */
export const captureEntries = {
  maxEvents: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1_000),
      v.maxValue(10_000_000),
      v.description(
        'Events, comments and steps that the capture of a connection keeps. The oldest go first.',
      ),
    ),
    100_000,
  ),
  maxMegabytes: v.optional(
    v.pipe(
      megabytes(1, 16_384),
      v.description(
        'Megabytes of memory that the capture of a connection may take. The oldest events go first.',
      ),
    ),
    256,
  ),
  maxTotalMegabytes: v.optional(
    v.pipe(
      megabytes(1, 65_536),
      v.description(
        'Megabytes of memory that all captures may take together. Where they take more, the largest gives up its oldest events.',
      ),
    ),
    1_024,
  ),
  keepOverReload: v.optional(
    v.pipe(
      v.boolean(),
      v.description(
        "Keep captures over a window reload, in the extension's storage on this machine, with credentials masked. They go with the panel.",
      ),
    ),
    true,
  ),
};

const captureSchema = v.object({
  maxEvents: lenient(captureEntries.maxEvents),
  maxMegabytes: lenient(captureEntries.maxMegabytes),
  maxTotalMegabytes: lenient(captureEntries.maxTotalMegabytes),
  keepOverReload: lenient(captureEntries.keepOverReload),
});

export type CaptureSettings = v.InferOutput<typeof captureSchema>;

/** The settings as they are written: what can't be used counts as not given. */
export function readCaptureSettings(read: (name: keyof CaptureSettings) => unknown): CaptureSettings {
  const names = Object.keys(captureEntries) as (keyof CaptureSettings)[];
  return v.parse(captureSchema, Object.fromEntries(names.map((name) => [name, read(name)])));
}

function lenient<T>(entry: v.OptionalSchema<v.GenericSchema<T>, T>) {
  return v.fallback(entry, v.getDefault(entry) as T);
}
