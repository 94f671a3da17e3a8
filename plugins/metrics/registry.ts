import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** Labels of a sample. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a gauge that is looked at when it is asked for. */
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** The metrics of one server, in the text format of Prometheus; every name begins with `sluice_`. */
export class MetricSet {
  readonly #registry = new Registry();

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Something that only grows, counted as it happens. */
  counter(name: string, help: string, labelNames: string[] = []): Counter {
    return new Counter({ name: `sluice_${name}`, help, labelNames, registers: [this.#registry] });
  }

  /** Something that only grows and is counted elsewhere: `samples` gives how far it is when somebody asks. */
  reading(name: string, help: string, labelNames: string[], samples: () => Iterable<Sample>): void {
    new Counter({
      name: `sluice_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      collect() {
        this.reset();
        for (const { labels = {}, value } of samples()) this.inc(labels, value);
      },
    });
  }

  /** How something is spread. */
  histogram(name: string, help: string, buckets: number[], labelNames: string[] = []): Histogram {
    return new Histogram({ name: `sluice_${name}`, help, buckets, labelNames, registers: [this.#registry] });
  }

  /** What is looked at when somebody asks: `samples` gives all values there are at that moment. */
  gauge(
    name: string,
    help: string,
    labelNames: string[],
    samples: () => Iterable<Sample> | Promise<Iterable<Sample>>,
  ): void {
    new Gauge({
      name: `sluice_${name}`,
      help,
      labelNames,
      registers: [this.#registry],
      async collect() {
        this.reset();
        // After a reset a gauge without labels is 0, which is not the same as unknown.
        if (labelNames.length === 0) this.remove();
        for (const { labels = {}, value } of await samples()) this.set(labels, value);
      },
    });
  }

  /** All of them, as Prometheus reads them. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
