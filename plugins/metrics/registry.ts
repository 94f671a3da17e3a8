import { Counter, Histogram, Registry } from "prom-client";

/** Labels of a sample. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a gauge that is looked at when it is asked for. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

interface Sampled {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge";
  readonly samples: () => Iterable<Sample> | Promise<Iterable<Sample>>;
}

/** The metrics of one server, in the text format of Prometheus; every name begins with `sluice_`. */
export class MetricSet {
  readonly #registry = new Registry();
  /** Written as they are, since thousands of streams have several each: to keep them counted would take long. */
  readonly #sampled: Sampled[] = [];

  /** What the text of all figures is, as HTTP says it. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Something that only grows, counted as it happens. */
  counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `sluice_${name}`, help, labelNames, registers: [this.#registry] });
  }

  /** Something that only grows and is counted elsewhere: `samples` gives how far it is when somebody asks. */
  reading(name: string, help: string, samples: () => Iterable<Sample>): void {
    this.#sampled.push({ name: `sluice_${name}`, help, type: "counter", samples });
  }

  /** How something is spread. */
  histogram(name: string, help: string, buckets: number[], labelNames: string[] = []): Histogram {
    return new Histogram({ name: `sluice_${name}`, help, buckets, labelNames, registers: [this.#registry] });
  }

  /** What is looked at when somebody asks: `samples` gives all values there are at that moment. */
  gauge(
    name: string,
    help: string,
    samples: () => Iterable<Sample> | Promise<Iterable<Sample>>,
  ): void {
    this.#sampled.push({ name: `sluice_${name}`, help, type: "gauge", samples });
  }

  /** All of them, as Prometheus reads them. */
  async text(): Promise<string> {
    let text = await this.#registry.metrics();
    for (const { name, help, type, samples } of this.#sampled) {
      text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
      for (const { labels, value } of await samples()) text += `${name}${labels ? labelsText(labels) : ""} ${value}\n`;
    }
    return text;
  }
}

/** Labels as the text format has them: `{stream="live/cam"}`. */
function labelsText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return parts.length > 0 ? `{${parts.join(",")}}` : "";
}

function escaped(value: string): string {
  return /[\\"\n]/.test(value) ? value.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n") : value;
}
