import type { DrainOptions, DrainState } from "./drain.ts";
import type { ReloadReport } from "./reload.ts";

/** What a program reads its settings from, so that they can be read anew. */
export interface ConfigSource {
  /**
   * Reads all sources again.
   *
   * @throws {ConfigError} when they cannot be followed
   */
  read(): Promise<Readonly<Record<string, unknown>>>;
  /**
   * Settles what the settings would be with this text instead of the configuration file.
   *
   * @throws {ConfigError} when it cannot be followed
   */
  parse(text: string): Promise<Readonly<Record<string, unknown>>>;
}

/** Settings and draining of a whole server. */
export interface ServerControl {
  /** The settings in force as JSON, with `***` for what is secret. */
  config(): string;
  /**
   * What would change with this text as configuration file.
   *
   * @throws {ConfigError} when it cannot be followed
   */
  check(text: string): Promise<ReloadReport>;
  /**
   * Reads the settings anew and takes what has changed.
   *
   * @throws {ConfigError} when they cannot be followed: nothing has changed then
   */
  reload(): Promise<ReloadReport>;
  /** Lets nobody in from now on; those who are there go on. Called again it changes how. */
  drain(options?: DrainOptions): void;
  /** Lets everybody in again. */
  resume(): void;
  /** How far draining is; undefined while everybody is let in. */
  readonly draining: DrainState | undefined;
}
