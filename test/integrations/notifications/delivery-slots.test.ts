import { describe, expect, it } from "vitest";
import { openDeliverySlots } from "../../../src/integrations/notifications/delivery-slots.ts";

/** Work that lasts until it is let go. */
function held() {
  let letGo: (text: string) => void = () => undefined;
  const work = new Promise<string>((resolve) => {
    letGo = resolve;
  });
  return { run: () => work, letGo: () => letGo("done") };
}

describe("openDeliverySlots", () => {
  it("O03: a destination that hangs holds its own slots and leaves the others theirs", async () => {
    const slots = openDeliverySlots({ perDestination: 2, total: 10 });
    const hanging = [held(), held()];
    const running = hanging.map(({ run }) => slots.run("dead.example", run));
    await expect(slots.run("dead.example", async () => "third")).rejects.toMatchObject({
      code: "destination_busy",
      status: 503,
      members: { retry_after_seconds: expect.any(Number) },
    });
    expect(await slots.run("live.example", async () => "told")).toBe("told");
    for (const { letGo } of hanging) letGo();
    expect(await Promise.all(running)).toEqual(["done", "done"]);
    expect(await slots.run("dead.example", async () => "again")).toBe("again");
  });

  it("leaves the worker hands for other work, however many destinations hang", async () => {
    const slots = openDeliverySlots({ perDestination: 2, total: 3 });
    const hanging = ["a", "b", "c"].map((name) => ({ name, ...held() }));
    const running = hanging.map(({ name, run }) => slots.run(name, run));
    await expect(slots.run("d", async () => "fourth")).rejects.toMatchObject({ code: "destination_busy" });
    for (const { letGo } of hanging) letGo();
    await Promise.all(running);
  });

  it("gives a slot back when the work fails", async () => {
    const slots = openDeliverySlots({ perDestination: 1, total: 1 });
    await expect(slots.run("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await slots.run("a", async () => "yes")).toBe("yes");
  });
});
