import { patiently } from "./patience.ts";

/** So many turns of the event loop are looked after one by one: by then has happened what needs nobody else. */
const QUICK_LOOKS = 500;

/** How often something is looked at that takes longer, in milliseconds: programs that are waited for need the processor. */
const LOOK_MS = 10;

/** Waits until the condition holds, looking again after every turn of the event loop, and later less often; `what` says that it does not. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
): Promise<void> {
  let isOver = false;
  const holds = async () => {
    for (let looks = 0; !isOver && !await condition(); looks++) await pause(looks < QUICK_LOOKS ? 0 : LOOK_MS);
  };
  try {
    await patiently(holds(), () => typeof what === "string" ? what : what());
  } finally {
    isOver = true;
  }
}

/** Lets the event loop turn once, so that what is ready happens. */
export async function turn(): Promise<void> {
  await pause(0);
}

async function pause(ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, ms);
  await promise;
}
