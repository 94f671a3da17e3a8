import { assertEquals } from "@std/assert";
import { Refusal } from "../reasons.ts";
import { OpenSession } from "../sessions/session.ts";
import { House } from "../testing/house.ts";
import { settled } from "../testing/settled.ts";

/** A server that asks another one for each stream, as the player that came first. */
class Stage {
  readonly house = new House();
  /** Whose query was asked with, and for how many seconds. */
  readonly asked: string[] = [];
  /** Lets the other server answer. */
  answer = Promise.withResolvers<void>();

  constructor() {
    this.house.hooks.decide(
      "resolve",
      ({ session, waitSeconds }) => {
        const token = session.params.get("token") ?? "";
        return { name: "edge", run: (begin, signal) => this.#run(token, waitSeconds, begin, signal) };
      },
      "edge",
      0,
    );
  }

  play(token: string, waitSeconds?: number): Promise<string> {
    const params = new URLSearchParams({ token });
    const info = { protocol: "test", remote: "127.0.0.1:1", params, waitSeconds };
    const session = new OpenSession(info, this.house.logged.log, this.house.clock);
    return this.house.play("cam", session).then(() => "plays", (error: Refusal) => error.code);
  }

  /** The other server answers what it has been asked. */
  async answers(): Promise<void> {
    const { resolve } = this.answer;
    this.answer = Promise.withResolvers();
    resolve();
    await settled();
  }

  async #run(token: string, waitSeconds: number, begin: () => unknown, signal: AbortSignal): Promise<void> {
    this.asked.push(`${token} ${waitSeconds}`);
    await this.answer.promise;
    if (token === "none") throw new Refusal("not-live", "There is no such stream");
    if (token === "down") throw new Refusal("unreachable", "It is down");
    if (token !== "good") throw new Refusal("denied", "Not with this token");
    begin();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
  }
}

Deno.test("a player is not refused for what another one says who came first: it is asked for as itself", async () => {
  const stage = new Stage();
  const players = ["bad-1", "bad-2", "good", "bad-3"].map((token) => stage.play(token));
  await settled();
  assertEquals(stage.asked, ["bad-1 10"]);
  for (let i = 0; i < 4; i++) await stage.answers();
  // The last one has the stream that the third one brings: what players may, other decisions say.
  assertEquals(await Promise.all(players), ["denied", "denied", "plays", "plays"]);
  assertEquals(stage.asked, ["bad-1 10", "bad-2 10", "good 10"]);
  stage.house.streams.close();
});

Deno.test("a player who waits longer than the one who came first is waited for as long as it wants", async () => {
  const stage = new Stage();
  const [hasty, patient, other] = [stage.play("none", 0), stage.play("none", 5), stage.play("none", 5)];
  await settled();
  await stage.answers();
  assertEquals([await hasty, stage.asked], ["not-live", ["none 0", "none 5"]]);
  await stage.answers();
  assertEquals([await patient, await other, stage.asked.length], ["not-live", "not-live", 2]);
  assertEquals([stage.house.streams.all.size, stage.house.clock.pending], [0, 0]);
});

Deno.test("a server that is down is not asked once for each player, and nobody waits longer than it wants", async () => {
  const stage = new Stage();
  const down = [stage.play("down"), stage.play("down")];
  await settled();
  await stage.answers();
  assertEquals([await Promise.all(down), stage.asked], [["unreachable", "unreachable"], ["down 10"]]);
  const refused = [stage.play("bad-1"), stage.play("bad-2"), stage.play("bad-3")];
  await settled();
  await stage.house.clock.advanceAsync(6000);
  await stage.answers();
  await stage.house.clock.advanceAsync(4000);
  assertEquals(await Promise.all(refused), ["denied", "not-live", "not-live"]);
  await stage.answers();
  assertEquals([stage.house.streams.all.size, stage.house.clock.pending], [0, 0]);
});

Deno.test("a player whose own words are refused at once is refused once", async () => {
  const house = new House();
  let asked = 0;
  house.hooks.decide(
    "resolve",
    () => {
      asked++;
      return {
        name: "edge",
        run: () => {
          throw new Refusal("denied", "No");
        },
      };
    },
    "edge",
    0,
  );
  const info = { protocol: "test", remote: "127.0.0.1:1" };
  const players = [1, 2, 3].map(() => house.play("cam", new OpenSession(info, house.logged.log, house.clock)));
  const outcomes = await Promise.all(players.map((each) => each.then(() => "plays", (error: Refusal) => error.code)));
  assertEquals(outcomes, ["denied", "denied", "denied"]);
  assertEquals(asked <= 3 * 3, true);
  house.streams.close();
});
