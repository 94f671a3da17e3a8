import type { ByteWriter } from "../bytes.ts";
import { clockOf, PCR_INTERVAL } from "./timestamp.ts";
import { type PacketStream, writePcrPacket } from "./unit_writer.ts";

/** A pause longer than this many intervals is not filled with PCRs: the clock goes on where the stream does. */
const MAX_FILLED_INTERVALS = 100;

/**
 * The program's clock, which follows the newest decoding time and never goes back (ISO/IEC 13818-1, 2.4.2.2).
 *
 * The invariant: between two PCRs there is never more than {@linkcode PCR_INTERVAL}. PES packets on the PCR's PID carry one
 * each; where they are too far apart, packets with a PCR alone stand between them. Times in microseconds.
 */
export class ProgramClock {
  #time = Number.NEGATIVE_INFINITY;
  #sent: number | undefined;
  #isDue = true;

  /** Takes the decoding time of the next frame. */
  advance(dts: number): void {
    if (dts > this.#time) this.#time = dts;
  }

  /** Asks for a PCR as soon as anything follows. */
  demand(): void {
    this.#isDue = true;
  }

  /** Writes the PCRs that are due before the next frame; `carries` says that the frame's own PES packet will have one. */
  fill(out: ByteWriter, stream: PacketStream, carries: boolean): void {
    const sent = this.#sent;
    if (sent !== undefined && this.#time - sent <= MAX_FILLED_INTERVALS * PCR_INTERVAL) {
      for (let next = sent + PCR_INTERVAL; next < this.#time; next += PCR_INTERVAL) this.#send(out, stream, next);
    }
    if (this.#isDue && !carries) this.#send(out, stream, this.#time);
  }

  /** The base of the PCR that goes into a PES packet now. */
  take(): number {
    this.#sent = this.#time;
    this.#isDue = false;
    return clockOf(this.#time);
  }

  #send(out: ByteWriter, stream: PacketStream, time: number): void {
    writePcrPacket(out, stream, clockOf(time));
    this.#sent = time;
    this.#isDue = false;
  }
}
