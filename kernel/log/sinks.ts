import {
  getAnsiColorFormatter,
  getJsonLinesFormatter,
  getTextFormatter,
  sanitizeControlSequences,
  type Sink,
} from "@logtape/logtape";
import type { FormattedValues, TextFormatter, TextFormatterOptions } from "@logtape/logtape";

/** How log lines look; `auto` is `text` on a terminal and `json` elsewhere. */
export const LOG_FORMATS = ["auto", "text", "json"] as const;

/** One of {@linkcode LOG_FORMATS}. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** Where finished lines go; the line break is part of the line. */
export type WriteLine = (line: string) => void;

/** What the terminal's format depends on. */
export interface TerminalSinkOptions {
  /** Defaults to colours on a terminal, unless NO_COLOR is set (https://no-color.org). */
  readonly colors?: boolean;
  /** Defaults to the standard error output. */
  readonly write?: WriteLine;
  /** An IANA name; defaults to the machine's time zone. */
  readonly timeZone?: string;
}

/** Lines for people: time, level, category, message, then `name=value` fields. */
export function terminalSink(options: TerminalSinkOptions = {}): Sink {
  const write = options.write ?? writeToStderr;
  const format = terminalFormatter(options.colors ?? wantsColors(), options.timeZone ?? null);
  return (record) => write(visible(format(record)));
}

/** One JSON object a line: `@timestamp`, `level`, `message`, `logger` and the fields under `properties`. */
export function jsonLinesSink(write: WriteLine = writeToStderr): Sink {
  const format = getJsonLinesFormatter();
  return (record) => write(visible(format(record)));
}

/** The sink for a format; `auto` asks whether the standard error output is a terminal. */
export function defaultSink(format: LogFormat = "auto"): Sink {
  const text = format === "auto" ? Deno.stderr.isTerminal() : format === "text";
  return text ? terminalSink() : jsonLinesSink();
}

function terminalFormatter(colors: boolean, timeZone: string | null): TextFormatter {
  const options: TextFormatterOptions = {
    timestamp: "date-time",
    timeZone,
    level: "ABBR",
    category: (category) => category.slice(category.length > 1 ? 1 : 0).join("."),
    sanitize: { sgr: "escape", newlines: "escape" },
    format: terminalLine,
  };
  return colors ? getAnsiColorFormatter(options) : getTextFormatter(options);
}

function terminalLine({ timestamp, level, category, message, record }: FormattedValues): string {
  let line = `${timestamp} ${level} ${category}: ${message}`;
  for (const [name, value] of Object.entries(record.properties)) {
    if (value !== undefined) line += ` ${name}=${fieldText(value)}`;
  }
  return line;
}

function fieldText(value: unknown): string {
  if (typeof value === "string") return /^[^\s"=\\]+$/.test(value) ? escaped(value) : escaped(JSON.stringify(value));
  if (isErrorRecord(value)) return escaped(JSON.stringify(errorText(value)));
  return typeof value === "object" && value !== null ? escaped(JSON.stringify(value)) : String(value);
}

interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly cause?: unknown;
}

function isErrorRecord(value: unknown): value is ErrorRecord {
  return typeof value === "object" && value !== null && "stack" in value && "name" in value && "message" in value;
}

function errorText({ name, message, cause }: ErrorRecord): string {
  const text = name === "Error" ? message : `${name}: ${message}`;
  return isErrorRecord(cause) ? `${text} (${errorText(cause)})` : text;
}

/** Marks that nobody sees but that turn the order of what is read, hide parts of it or end lines. */
const INVISIBLE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Writes them as JSON would, so that no peer's name can make a line look like another. */
function visible(line: string): string {
  return line.replace(INVISIBLE, (mark) => {
    return Array.from({ length: mark.length }, (_, i) => `\\u${mark.charCodeAt(i).toString(16).padStart(4, "0")}`).join(
      "",
    );
  });
}

function escaped(text: string): string {
  return sanitizeControlSequences(text, { sgr: "escape", newlines: "escape" });
}

function wantsColors(): boolean {
  return !Deno.noColor && Deno.stderr.isTerminal();
}

const encoder = new TextEncoder();

function writeToStderr(line: string): void {
  for (let bytes = encoder.encode(line); bytes.length > 0;) bytes = bytes.subarray(Deno.stderr.writeSync(bytes));
}
