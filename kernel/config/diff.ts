import { isObject } from "./settings.ts";

/** Where a setting stands: its keys, from the outside in. */
export type SettingPath = readonly string[];

/** The paths at which two settings differ; a list counts as one value, and a missing key as undefined. */
export function changedPaths(before: unknown, after: unknown, path: SettingPath = []): SettingPath[] {
  if (!isObject(before) || !isObject(after)) return isSame(before, after) ? [] : [path];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => changedPaths(valueOf(before, key), valueOf(after, key), [...path, key]));
}

/** The settings of the kernel that a running server takes: these, and all below them. */
const LIVE_SETTINGS: readonly string[] = [
  "tls.cert",
  "tls.key",
  "tls.certificates",
  "tls.redirect",
  "tls.redirectTo",
  "proxy",
  "limits",
  "buffer",
  "log.level",
  "log.levels",
  "log.access",
  "publishTimeoutSeconds",
  "graceSeconds",
  "waitSeconds",
  "keepSeconds",
  "maxDelayMs",
  "republish",
  "streams",
  "shutdownSeconds",
];

/** Whether a running server takes a change of this setting of the kernel. */
export function isLive(path: SettingPath): boolean {
  return path.some((_, at) => LIVE_SETTINGS.includes(path.slice(0, at + 1).join(".")));
}

/** `before` with what `after` has at these paths; neither is changed. */
export function withPaths<T>(before: T, after: unknown, paths: readonly SettingPath[]): T {
  return paths.reduce<unknown>((result, path) => replaced(result, after, path), before) as T;
}

function replaced(target: unknown, source: unknown, [key, ...rest]: SettingPath): unknown {
  if (key === undefined) return source;
  const { [key]: old, ...others } = isObject(target) ? target : {};
  const value = replaced(old, isObject(source) ? valueOf(source, key) : undefined, rest);
  return value === undefined ? others : { ...others, [key]: value };
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function valueOf(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
