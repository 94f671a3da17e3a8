import { assertEquals } from "@std/assert";
import { Drain, type DrainOptions, type DrainPolicy } from "./drain.ts";
import type { SessionInfo } from "./sessions/session.ts";
import { House } from "./testing/house.ts";

const PLAYER: SessionInfo = {
  protocol: "http-flv",
  remote: "10.0.0.1:5000",
  url: "/live/cam.flv",
  params: new URLSearchParams({ key: "k" }),
};
const NODE: SessionInfo = { ...PLAYER, params: new URLSearchParams({ node: "b" }) };

/** Spares who names a node, and knows another server. */
const POLICY: DrainPolicy = {
  redirect: ({ protocol }) => protocol === "rtmp" ? undefined : "http://policy/live/cam.flv",
  spares: ({ params }) => params?.has("node") === true,
};

const CASES: readonly { what: string; options: DrainOptions; info: SessionInfo; redirect: string | undefined }[] = [
  {
    what: "whoever empties the server says where, with the query",
    options: { redirect: ["rtmp://a", "http://a:8501"] },
    info: PLAYER,
    redirect: "http://a:8501/live/cam.flv?key=k",
  },
  { what: "else a plugin does", options: {}, info: PLAYER, redirect: "http://policy/live/cam.flv" },
  {
    what: "or when what was said is nothing for its protocol",
    options: { redirect: ["rtmp://a"] },
    info: PLAYER,
    redirect: "http://policy/live/cam.flv",
  },
  { what: "or nobody does", options: {}, info: { ...PLAYER, protocol: "rtmp" }, redirect: undefined },
];

for (const { what, options, info, redirect } of CASES) {
  Deno.test(`where a newcomer goes while a server is being emptied: ${what}`, () => {
    const { clock, sessions } = new House();
    using drain = new Drain(options, clock, sessions, new Set([POLICY]));
    assertEquals([drain.refusal(info)?.code, drain.refusal(info)?.redirect], ["shutdown", redirect]);
  });
}

Deno.test("whom a plugin spares is let in, and not sent away", () => {
  const house = new House();
  const peers = [PLAYER, NODE].map((info) => Object.assign(house.session(), { info }));
  using drain = new Drain({ seconds: 1 }, house.clock, house.sessions, new Set([POLICY]));
  assertEquals(drain.refusal(NODE), undefined);
  house.clock.advance(5000);
  assertEquals(peers.map(({ closed }) => closed?.reason), ["shutdown", undefined]);
});
