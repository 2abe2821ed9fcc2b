import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import type { BenchRun } from "../bench-run.ts";
import { closedLoop } from "../ledger/closed-loop.ts";
import type { EmptyWorkflows } from "./empty-workflows.ts";
import { activitiesOf, readHistories } from "./histories.ts";
import type { Shop, SoldPurchase } from "./sales.ts";
import type { SaleWorld } from "./world.ts";

/** Rounds, purchases of a round, and how many are under way at once. */
export type ThroughputOptions = { readonly rounds: number; readonly purchases: number; readonly inFlight: number };

/** One round: what was reached, and the machine's own limits in the same moments. All are per second. */
export type ThroughputRound = {
  readonly purchases: number;
  /** As many workflows with as many activities as a purchase has, which do nothing. */
  readonly emptyPurchases: number;
  /** Buckets that the store makes, asked directly. */
  readonly buckets: number;
};

/** How fast purchases go through, and each one's times. */
export type Throughput = {
  readonly inFlight: number;
  /** The number of activities of each workflow of one purchase. */
  readonly activities: readonly number[];
  readonly rounds: readonly ThroughputRound[];
  readonly sold: readonly SoldPurchase[];
};

type Needs = {
  readonly run: BenchRun;
  readonly world: SaleWorld;
  readonly shop: Shop;
  readonly runEmpty: EmptyWorkflows;
};

/** Sells in rounds; in each, the limits are measured right before. One unmeasured round warms up and shows what a purchase consists of. */
export async function measureThroughput(needs: Needs, options: ThroughputOptions): Promise<Throughput> {
  const { run, world, shop, runEmpty } = needs;
  const { inFlight } = options;
  run.progress("sales: warming up");
  const warm = await shop.sell({ count: inFlight, most: inFlight });
  const [first] = warm.sold;
  if (first === undefined) throw new Error("nothing was sold");
  const activities = activitiesOf(await readHistories(world, first));
  const rounds: ThroughputRound[] = [];
  const sold: SoldPurchase[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    run.progress(`sales: round ${round} of ${options.rounds}, ${options.purchases} purchases, ${inFlight} in flight`);
    const emptyPurchases = await runEmpty({ activities, sets: options.purchases, inFlight });
    const buckets = await measureStore(world, `round-${round}`);
    const sales = await shop.sell({ count: options.purchases, most: inFlight });
    sold.push(...sales.sold);
    rounds.push({ purchases: sales.perSecond, emptyPurchases, buckets });
  }
  return { inFlight, activities, rounds, sold };
}

async function measureStore({ parts }: SaleWorld, name: string): Promise<number> {
  const { endpoint, region, accessKeyId, secretAccessKey } = parts.s3;
  const credentials = { accessKeyId, secretAccessKey };
  const s3 = new S3Client({ endpoint, region, forcePathStyle: true, credentials });
  let made = 0;
  const call = () => {
    made += 1;
    return s3.send(new CreateBucketCommand({ Bucket: `bench-${name}-${made}` }));
  };
  const { perSecond } = await closedLoop({ callers: 16, seconds: 1, call }).finally(() => s3.destroy());
  return perSecond;
}
