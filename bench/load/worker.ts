import { lines } from "../lines.ts";
import { Crowd, type CrowdOrder, type CrowdReport } from "./crowd.ts";
import { Studio, type StudioOrder, type StudioReport } from "./studio.ts";

/** What a load process is told to do, as JSON in its first argument. */
export type Order = ({ readonly task: "play" } & CrowdOrder) | ({ readonly task: "publish" } & StudioOrder);

/** What a load process is told later, one word a line. */
export type Command = "measure" | "report";

/** What a load process says, one JSON value a line. */
export type News =
  | { readonly type: "ready" }
  | { readonly type: "measuring" }
  | { readonly type: "failed"; readonly because: string }
  | ({ readonly type: "report" } & (CrowdReport | StudioReport));

/** Does what it is told until its input ends, so that no load outlives the one who ordered it. */
async function work(order: Order): Promise<void> {
  const load = order.task === "play" ? new Crowd(order) : new Studio(order);
  void load.open().then(() => say({ type: "ready" }), (error) => say({ type: "failed", because: error.message }));
  for await (const command of lines(Deno.stdin.readable)) {
    if (command === "measure") {
      load.measure();
      say({ type: "measuring" });
    } else say({ type: "report", ...load.report() });
  }
  Deno.exit();
}

function say(news: News): void {
  console.log(JSON.stringify(news));
}

if (import.meta.main) await work(JSON.parse(Deno.args[0]));
