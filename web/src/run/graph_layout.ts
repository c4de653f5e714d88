// Places the steps of a pipeline in layers from top to bottom, so that edges point down, cross
// little and do not run through steps: layers by longest path, order by barycenters, long edges
// bent at invisible places (the method of Sugiyama, Tagawa and Toda, 1981).

export interface Edge {
  from: number;
  to: number;
}

export interface Placed {
  nodes: { x: number; y: number; layer: number }[]; // centers
  routes: { x: number; y: number }[][]; // of each edge, ends included
  width: number;
  height: number;
}

export interface Sizes {
  nodeWidth: number;
  nodeHeight: number;
  gapX: number;
  gapY: number;
}

interface Vertex {
  layer: number;
  half: number; // of its width
  bend: boolean; // of a long edge: no step
  x: number;
  up: Vertex[];
  down: Vertex[];
}

// Edges that would close a circle are left out of the layering.
function layersOf(count: number, edges: Edge[]): number[] {
  const layers = new Array<number>(count).fill(0);
  for (let round = 0; round < count; round++) {
    let moved = false;
    for (const { from, to } of edges) {
      const least = (layers[from] ?? 0) + 1;
      if (from !== to && (layers[to] ?? 0) < least && least < count) {
        layers[to] = least;
        moved = true;
      }
    }
    if (!moved) break;
  }
  return layers;
}

// Where the neighbours stand in the mean. The bends of an edge pull each other hard, so that it
// runs straight.
function mean(vertex: Vertex, list: Vertex[]): number | null {
  let sum = 0;
  let weights = 0;
  for (const other of list) {
    const weight = vertex.bend && other.bend ? 8 : 1;
    sum += weight * other.x;
    weights += weight;
  }
  return weights > 0 ? sum / weights : null;
}

// Moves the vertices of a layer to where they want to be, keeping order and distance: overlapping
// neighbours are merged into blocks that stand at the mean of their wishes.
function settle(layer: Vertex[], wish: (vertex: Vertex) => number, gap: number): void {
  interface Block {
    start: number; // wanted place of its first vertex
    weight: number;
    vertices: Vertex[];
    width: number; // from the first center to the last
  }
  const blocks: Block[] = [];
  for (const vertex of layer) {
    blocks.push({ start: wish(vertex), weight: vertex.bend ? 2 : 1, vertices: [vertex], width: 0 });
    while (blocks.length > 1) {
      const right = blocks[blocks.length - 1];
      const left = blocks[blocks.length - 2];
      if (!left || !right) break;
      const leftEnd = left.vertices[left.vertices.length - 1];
      const rightEnd = right.vertices[0];
      const apart = (leftEnd?.half ?? 0) + (rightEnd?.half ?? 0) + gap;
      if (left.start + left.width + apart <= right.start) break;
      const offset = left.width + apart;
      const weight = left.weight + right.weight;
      left.start = (left.start * left.weight + (right.start - offset) * right.weight) / weight;
      left.weight = weight;
      left.width = offset + right.width;
      left.vertices.push(...right.vertices);
      blocks.pop();
    }
  }
  for (const block of blocks) {
    let x = block.start;
    block.vertices.forEach((vertex, i) => {
      const before = block.vertices[i - 1];
      if (before) x += before.half + vertex.half + gap;
      vertex.x = x;
    });
  }
}

export function place(count: number, edges: Edge[], sizes: Sizes): Placed {
  const layerOf = layersOf(count, edges);
  const vertices: Vertex[] = layerOf.map((layer) => ({
    layer,
    half: sizes.nodeWidth / 2,
    bend: false,
    x: 0,
    up: [],
    down: [],
  }));
  const layers: Vertex[][] = [];
  const add = (vertex: Vertex) => (layers[vertex.layer] ??= []).push(vertex);
  vertices.forEach(add);
  const join = (above: Vertex, below: Vertex) => {
    above.down.push(below);
    below.up.push(above);
  };
  const bends: Vertex[][] = edges.map(({ from, to }) => {
    const start = vertices[from];
    const end = vertices[to];
    const chain: Vertex[] = [];
    if (!start || !end || end.layer <= start.layer) return chain;
    let last = start;
    for (let layer = start.layer + 1; layer < end.layer; layer++) {
      const bend: Vertex = { layer, half: 5, bend: true, x: 0, up: [], down: [] };
      add(bend);
      join(last, bend);
      chain.push(bend);
      last = bend;
    }
    join(last, end);
    return chain;
  });

  for (let layer = 0; layer < layers.length; layer++) layers[layer] ??= [];
  for (const layer of layers) settle(layer, () => 0, sizes.gapX);
  for (let round = 0; round < 12; round++) {
    const downward = round % 2 === 0;
    const sweep = downward ? layers : [...layers].reverse();
    for (const layer of sweep) {
      const wanted = new Map(
        layer.map((vertex) => [
          vertex,
          mean(vertex, downward ? vertex.up : vertex.down) ?? vertex.x,
        ]),
      );
      if (round < 8) layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
      settle(layer, (vertex) => wanted.get(vertex) ?? 0, sizes.gapX);
    }
  }
  for (let round = 0; round < 24; round++) {
    for (const layer of round % 2 === 0 ? layers : [...layers].reverse()) {
      settle(
        layer,
        (vertex) => mean(vertex, [...vertex.up, ...vertex.down]) ?? vertex.x,
        sizes.gapX,
      );
    }
  }

  const all = layers.flat();
  const left = Math.min(...all.map(({ x, half }) => x - half), 0);
  const right = Math.max(...all.map(({ x, half }) => x + half), 0);
  const pitch = sizes.nodeHeight + sizes.gapY;
  const y = (vertex: Vertex) => vertex.layer * pitch + sizes.nodeHeight / 2;
  const point = (vertex: Vertex) => ({ x: vertex.x - left, y: y(vertex) });
  return {
    nodes: vertices.map((vertex) => ({ ...point(vertex), layer: vertex.layer })),
    routes: edges.map(({ from, to }, i) => {
      const ends = [vertices[from], vertices[to]];
      const chain = [ends[0], ...(bends[i] ?? []), ends[1]];
      return chain.filter((vertex): vertex is Vertex => vertex !== undefined).map(point);
    }),
    width: right - left,
    height: Math.max(0, layers.length * pitch - sizes.gapY),
  };
}
