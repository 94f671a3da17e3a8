import { patiently } from "./patience.ts";

/** Waits until the condition holds, looking again after every turn of the event loop; `what` says that it does not. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
): Promise<void> {
  let isOver = false;
  const holds = async () => {
    while (!isOver && !await condition()) await turn();
  };
  try {
    await patiently(holds(), () => typeof what === "string" ? what : what());
  } finally {
    isOver = true;
  }
}

/** Lets the event loop turn once, so that what is ready happens. */
export async function turn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, 0);
  await promise;
}
