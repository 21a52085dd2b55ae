import type { ReactNode } from 'react';

/** Numbers between 0 and 1 that belong to a seed: the same course has the same picture everywhere. */
export type Dice = () => number;

export interface Palette {
  ground: string;
  /** Quiet, middle, loud; the spark is used once or twice. */
  tints: readonly [string, string, string];
  spark: string;
}

/** Duotones of ground, tints and one spark: half dark, half light, all of little chroma. */
export const PALETTES: readonly Palette[] = [
  { ground: '#0f2a20', tints: ['#2c6b4f', '#4d9172', '#7fb698'], spark: '#f0c75e' },
  { ground: '#f3e8da', tints: ['#e6d5bd', '#c4a27a', '#84634c'], spark: '#5e3d22' },
  { ground: '#1c2632', tints: ['#3d526b', '#6d87a3', '#93abc4'], spark: '#e7a155' },
  { ground: '#dbe7f1', tints: ['#b5cee0', '#86aece', '#5b8fb8'], spark: '#163d60' },
  { ground: '#3b1d17', tints: ['#6b3327', '#8d4632', '#d98c6a'], spark: '#f6dcb8' },
  { ground: '#dfeae2', tints: ['#c2d9ca', '#9fc4ae', '#4d8a6b'], spark: '#0b5d3b' },
  { ground: '#221d36', tints: ['#453c68', '#6c6195', '#a59bc8'], spark: '#f2c14e' },
  { ground: '#f1e6ea', tints: ['#e1c9d2', '#c596a8', '#94546d'], spark: '#5a1f38' },
];

const WIDTH = 640;
const HEIGHT = 360;

type Motif = (palette: Palette, dice: Dice) => ReactNode;

const pick = <T,>(list: readonly T[], dice: Dice): T => list[Math.floor(dice() * list.length) % list.length]!;
const steps = (count: number) => Array.from({ length: count }, (_, index) => index);

const lanes: Motif = ({ tints, spark }, dice) => {
  const loud = Math.floor(dice() * 8);
  return steps(9).map((row) => {
    let x = -dice() * 80;
    return steps(7).map((column) => {
      const width = 40 + dice() * 150;
      const bar = <rect key={`${row}-${column}`} x={x} y={16 + row * 38} width={width} height={24} rx={4} fill={row === loud && column === 3 ? spark : pick(tints, dice)} opacity={0.45 + dice() * 0.55} />;
      x += width + 10;
      return bar;
    });
  });
};

const arcs: Motif = ({ tints, spark }, dice) => {
  const left = dice() < 0.5;
  return steps(7).map((ring) => (
    <circle key={ring} cx={left ? 0 : WIDTH} cy={HEIGHT} r={70 + ring * 58} fill="none" strokeWidth={28} stroke={ring === 3 ? spark : tints[ring % 3]} opacity={1 - ring * 0.07} />
  ));
};

const sun: Motif = ({ tints, spark }, dice) => {
  const x = 300 + dice() * 140;
  return (
    <>
      {steps(10).map((row) => {
        const y = 60 + row * 26;
        const half = Math.sqrt(Math.max(0, 132 ** 2 - (y + 9 - 190) ** 2));
        return half > 4 ? <rect key={row} x={x - half} y={y} width={half * 2} height={23 - row * 1.3} rx={1.5} fill={row > 6 ? spark : tints[Math.min(2, Math.floor(row / 3))]} /> : null;
      })}
      <path d={`M0 322H${WIDTH}M0 338H${WIDTH}`} stroke={tints[0]} strokeWidth={2} />
    </>
  );
};

const cells: Motif = ({ tints, spark }, dice) => {
  const hotX = 5 + Math.floor(dice() * 5);
  const hotY = 1 + Math.floor(dice() * 4);
  return steps(6).flatMap((row) =>
    steps(12).map((column) => {
      const distance = Math.hypot(column - hotX, row - hotY);
      const fill = distance < 1.1 ? spark : distance < 2.3 ? tints[2] : distance < 3.5 ? tints[1] : tints[0];
      return <rect key={`${row}-${column}`} x={22 + column * 50} y={18 + row * 55} width={44} height={48} rx={5} fill={fill} opacity={distance > 5 ? 0.6 : 1} />;
    }),
  );
};

const waves: Motif = ({ tints, spark }, dice) => {
  const phase = dice() * 6;
  const pull = 0.008 + dice() * 0.006;
  return steps(11).map((row) => {
    const points = steps(33).map((step) => {
      const x = -10 + step * 21;
      const y = 40 + row * 30 + Math.sin(x * pull + phase) * (12 + row) + Math.sin(x * 0.02 + row * 0.4) * 6;
      return `${step === 0 ? 'M' : 'L'}${x.toFixed(0)} ${y.toFixed(1)}`;
    });
    return <path key={row} d={points.join('')} fill="none" strokeWidth={row === 4 ? 6 : 4} strokeLinecap="round" strokeLinejoin="round" stroke={row === 4 ? spark : tints[row % 3]} />;
  });
};

const stairs: Motif = ({ tints, spark }, dice) => {
  const loud = 4 + Math.floor(dice() * 3);
  return steps(8).map((column) => {
    const height = 24 + column ** 1.55 * 14 + dice() * 10;
    return <rect key={column} x={64 + column * 66} y={320 - height} width={50} height={height} rx={4} fill={column === loud ? spark : column > loud ? tints[2] : column > 2 ? tints[1] : tints[0]} />;
  });
};

const fan: Motif = ({ tints, spark }, dice) => {
  const loud = Math.floor(dice() * 11);
  return steps(11).map((blade) => (
    <rect key={blade} x={150} y={-13} width={520} height={26} rx={4} fill={blade === loud || blade === (loud + 5) % 11 ? spark : tints[blade % 3]} transform={`translate(560 -40) rotate(${88 + blade * 11})`} />
  ));
};

const links: Motif = ({ tints, spark }, dice) => {
  const nodes = steps(11).map((index) => ({ x: 50 + (index % 4) * 178 + dice() * 70, y: 50 + Math.floor(index / 4) * 128 + dice() * 50, r: 10 + dice() * 20 }));
  const loud = Math.floor(dice() * nodes.length);
  const roads = nodes.flatMap((a, i) => nodes.slice(i + 1).map((b, j) => ({ a, b, key: `${i}-${i + 1 + j}` }))).filter(({ a, b }) => Math.hypot(a.x - b.x, a.y - b.y) < 215);
  return (
    <>
      {roads.map(({ a, b, key }) => (
        <path key={key} d={`M${a.x.toFixed(0)} ${a.y.toFixed(0)}L${b.x.toFixed(0)} ${b.y.toFixed(0)}`} stroke={tints[0]} strokeWidth={4} />
      ))}
      {nodes.map((node, index) => (
        <circle key={index} cx={node.x.toFixed(0)} cy={node.y.toFixed(0)} r={index === loud ? 36 : node.r} fill={index === loud ? spark : tints[1 + (index % 2)]} />
      ))}
    </>
  );
};

const dots: Motif = ({ tints, spark }, dice) => {
  const hotX = 4 + Math.floor(dice() * 8);
  const hotY = 2 + Math.floor(dice() * 4);
  return steps(8).flatMap((row) =>
    steps(15).map((column) => {
      const distance = Math.hypot(column - hotX, row - hotY);
      const r = Math.max(3.5, 17 - distance * 3.4);
      return <circle key={`${row}-${column}`} cx={32 + column * 41} cy={36 + row * 41} r={r} fill={distance < 2 ? spark : distance < 3.6 ? tints[2] : tints[0]} />;
    }),
  );
};

const frames: Motif = ({ tints, spark }, dice) => {
  const x = 120 + dice() * 200;
  return steps(6).map((ring) => (
    <rect key={ring} x={x - 20 + ring * 32} y={44 + ring * 22} width={380 - ring * 50} height={260 - ring * 40} rx={6} fill={ring === 5 ? spark : tints[ring % 3]} opacity={0.9} />
  ));
};

export const MOTIFS: readonly Motif[] = [lanes, arcs, sun, cells, waves, stairs, fan, links, dots, frames];
