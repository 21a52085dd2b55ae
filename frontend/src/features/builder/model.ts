/** The shapes of a draft, and where things can go in its outline. Everything here is pure. */

export type NodeKind = 'module' | 'lesson';

export type Completion = { rule: 'watched'; permille: number } | { rule: 'viewed' } | { rule: 'manual' };

export interface NodeConfig {
  completion: Completion;
  /** Nobody chose the rule: it follows from what the lesson holds. */
  automatic: boolean;
  required: boolean;
}

export interface DraftNode {
  item: string;
  parent: string | null;
  kind: NodeKind;
  title: string;
  config: NodeConfig | null;
  revision: number;
  asset_id: string | null;
  is_empty: boolean;
}

/** Into `parent` (null: the course itself), behind `after` (null: first). */
export interface Place {
  parent: string | null;
  after: string | null;
}

export interface OutlineModule {
  node: DraftNode;
  lessons: DraftNode[];
}

/** The flat reading order of a draft as modules with their lessons. */
export function modulesOf(nodes: readonly DraftNode[]): OutlineModule[] {
  const modules = nodes.filter((node) => node.kind === 'module').map((node) => ({ node, lessons: [] as DraftNode[] }));
  const byId = new Map(modules.map((module) => [module.node.item, module]));
  for (const node of nodes) if (node.kind !== 'module' && node.parent) byId.get(node.parent)?.lessons.push(node);
  return modules;
}

/** The rows one sees: lessons of a folded module are left out. */
export function rowsOf(nodes: readonly DraftNode[], folded: ReadonlySet<string>): DraftNode[] {
  return modulesOf(nodes).flatMap(({ node, lessons }) => (folded.has(node.item) ? [node] : [node, ...lessons]));
}

/** The same outline with `item` at `place`: what the server will answer, shown before it has. */
export function withMove(nodes: readonly DraftNode[], item: string, place: Place): DraftNode[] {
  const moved = nodes.find((node) => node.item === item);
  if (!moved) return [...nodes];
  const modules = modulesOf(nodes);
  if (moved.kind === 'module') {
    const own = modules.find((module) => module.node.item === item)!;
    const rest = modules.filter((module) => module !== own);
    rest.splice(place.after === null ? 0 : rest.findIndex((module) => module.node.item === place.after) + 1, 0, own);
    return rest.flatMap((module) => [module.node, ...module.lessons]);
  }
  for (const module of modules) module.lessons = module.lessons.filter((lesson) => lesson.item !== item);
  const target = modules.find((module) => module.node.item === place.parent);
  if (!target) return [...nodes];
  const at = place.after === null ? 0 : target.lessons.findIndex((lesson) => lesson.item === place.after) + 1;
  target.lessons.splice(at, 0, { ...moved, parent: target.node.item });
  return modules.flatMap((module) => [module.node, ...module.lessons]);
}

/** Where `item` stands now. */
export function placeOf(nodes: readonly DraftNode[], item: string): Place | null {
  const node = nodes.find((each) => each.item === item);
  if (!node) return null;
  const siblings = nodes.filter((each) => each.kind === node.kind && each.parent === node.parent);
  return { parent: node.parent, after: siblings[siblings.indexOf(node) - 1]?.item ?? null };
}

/**
 * Where a row goes that is dropped on the row `over`, or null where that changes nothing. A module goes among modules;
 * a lesson goes into the module it lands in, into a folded one at its end.
 */
export function dropPlace(nodes: readonly DraftNode[], rows: readonly DraftNode[], item: string, over: string): Place | null {
  const moved = nodes.find((node) => node.item === item);
  if (!moved || item === over) return null;
  const among = moved.kind === 'module' ? rows.filter((row) => row.kind === 'module') : [...rows];
  const target = moved.kind === 'module' ? moduleOf(rows, over) : over;
  const from = among.findIndex((row) => row.item === item);
  const to = among.findIndex((row) => row.item === target);
  if (from < 0 || to < 0 || from === to) return null;
  const order = [...among];
  order.splice(to, 0, ...order.splice(from, 1));
  const before = order[to - 1];
  let place: Place;
  if (moved.kind === 'module') place = { parent: null, after: before?.item ?? null };
  else if (!before) place = { parent: order[to + 1]?.item ?? moved.parent, after: null };
  else if (before.kind === 'module') place = { parent: before.item, after: endWhenFolded(nodes, rows, before.item, item) };
  else place = { parent: before.parent, after: before.item };
  const now = placeOf(nodes, item);
  return now && now.parent === place.parent && now.after === place.after ? null : place;
}

function moduleOf(rows: readonly DraftNode[], item: string): string | null {
  const row = rows.find((each) => each.item === item);
  return row ? (row.kind === 'module' ? row.item : row.parent) : null;
}

function endWhenFolded(nodes: readonly DraftNode[], rows: readonly DraftNode[], module: string, moved: string): string | null {
  const lessons = nodes.filter((node) => node.parent === module && node.item !== moved);
  const shown = rows.some((row) => row.parent === module && row.item !== moved);
  return shown ? null : (lessons.at(-1)?.item ?? null);
}

/** One step up or down, over the edge of a module into the next; null at the very end. */
export function stepPlace(nodes: readonly DraftNode[], item: string, step: 'up' | 'down'): Place | null {
  const modules = modulesOf(nodes);
  const ownModule = modules.findIndex(({ node }) => node.item === item);
  if (ownModule >= 0) {
    const to = ownModule + (step === 'up' ? -1 : 1);
    if (to < 0 || to >= modules.length) return null;
    return { parent: null, after: (step === 'up' ? modules[to - 1] : modules[to])?.node.item ?? null };
  }
  const at = modules.findIndex(({ lessons }) => lessons.some((lesson) => lesson.item === item));
  const module = modules[at];
  if (!module) return null;
  const index = module.lessons.findIndex((lesson) => lesson.item === item);
  if (step === 'up') {
    if (index > 0) return { parent: module.node.item, after: module.lessons[index - 2]?.item ?? null };
    const previous = modules[at - 1];
    return previous ? endOf(previous) : null;
  }
  const below = module.lessons[index + 1];
  if (below) return { parent: module.node.item, after: below.item };
  const next = modules[at + 1];
  return next ? { parent: next.node.item, after: null } : null;
}

/** The last place of a module. */
export function endOf(module: OutlineModule): Place {
  return { parent: module.node.item, after: module.lessons.at(-1)?.item ?? null };
}
