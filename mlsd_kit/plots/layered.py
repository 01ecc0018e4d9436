"""A layered layout for small directed graphs: rows of boxes, arrows in the gaps between the rows.

The method of Sugiyama, Tagawa and Toda (1981) in its simplest form: turn the arrows that close a
circle, put every box below those that point to it, order each row by the mean place of its
neighbours, then move the boxes of a row as near to them as their widths allow. An arrow that passes
a row gets a lane of its own there, and all sideways runs lie in the gaps, so no arrow can cross a
box. Every run has its own height where another would touch it or its label.

Only plain Python arithmetic in a fixed order: the same graph gives the same integers everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

WIDEST = 4  # boxes in a row, before another row is begun
APART = 26  # between neighbours in a row [px]
LANE = 14  # width of an arrow that passes a row [px]
PORT = 11  # between two arrows that run side by side [px]
LINE = 7  # free height around a label in a gap [px]
SWEEPS = 16

Point = tuple[int, int]


@dataclass(frozen=True)
class Rectangle:
    """A box or a label: its left upper corner and its size [px]."""

    x: int
    y: int
    wide: int
    high: int

    def overlaps(self, other: Rectangle) -> bool:
        """Whether the two share more than an edge.

        >>> Rectangle(0, 0, 10, 10).overlaps(Rectangle(10, 0, 5, 5))
        False
        """
        return (
            self.x < other.x + other.wide
            and other.x < self.x + self.wide
            and self.y < other.y + other.high
            and other.y < self.y + self.high
        )


@dataclass(frozen=True)
class Layout:
    """Where everything is, in the order in which it was given [px]."""

    boxes: tuple[Rectangle, ...]
    labels: tuple[Rectangle, ...]
    routes: tuple[tuple[Point, ...], ...]
    """Of each arrow, from its first box to its last: upright and level stretches in turn."""
    wide: int
    high: int


@dataclass
class _Node:
    """A box, or the lane of an arrow that passes a row."""

    wide: int
    row: int
    x: float = 0.0  # its middle
    box: int = -1
    """Which box, or -1 for a lane."""


@dataclass
class _Piece:
    """The part of an arrow that lies in one gap: from a node of a row to one of the next."""

    arrow: int
    upper: int
    lower: int
    label: tuple[int, int] = (0, 0)
    x0: int = 0
    x1: int = 0
    track: int = 0
    middle: int = 0  # of the label
    y: int = 0

    def level(self) -> tuple[int, int]:
        """The stretch of its height that it needs: its sideways run and its label."""
        half = self.label[0] // 2 + 6 if self.label[0] else 0
        ends = [self.x0, self.x1]
        if half:
            ends += [self.middle - half, self.middle + half]
        return min(ends) - 4, max(ends) + 4


def layout(
    sizes: Sequence[tuple[int, int]],
    arrows: Sequence[tuple[int, int]],
    labels: Sequence[tuple[int, int]],
) -> Layout:
    """Place boxes in rows and arrows between them.

    Parameters
    ----------
    sizes : sequence of (width, height)
        The boxes [px].
    arrows : sequence of (from, to)
        Indices into ``sizes``; no arrow from a box to itself.
    labels : sequence of (width, height)
        One for each arrow [px]; (0, 0) for none.

    Examples
    --------
    >>> layout([(80, 40), (80, 40)], [(0, 1)], [(30, 14)]).boxes[1].y > 40
    True
    """
    down = _acyclic(len(sizes), arrows)
    rows = _rows(len(sizes), down)
    nodes = [_Node(sizes[i][0], rows[i], box=i) for i in range(len(sizes))]
    pieces = _pieces(nodes, down, arrows, labels)
    order = _ordered(nodes, pieces)
    _spread(nodes, pieces, order)
    gaps: list[list[_Piece]] = [[] for _ in order]
    for piece in pieces:
        gaps[nodes[piece.upper].row].append(piece)
    for gap in gaps:
        _ports(nodes, gap)
        _tracks(gap)
    return _placed(nodes, order, gaps, sizes, arrows)


def _acyclic(count: int, arrows: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The arrows with those turned that lead back to a box on the way to them."""
    leaving: list[list[int]] = [[] for _ in range(count)]
    for index, (start, _) in enumerate(arrows):
        leaving[start].append(index)
    turned = list(arrows)
    state = [0] * count  # 0 new, 1 on the way, 2 done

    def visit(box: int) -> None:
        state[box] = 1
        for index in leaving[box]:
            end = arrows[index][1]
            if state[end] == 1:
                turned[index] = (end, box)
            elif state[end] == 0:
                visit(end)
        state[box] = 2

    for box in range(count):
        if state[box] == 0:
            visit(box)
    return turned


def _rows(count: int, down: Sequence[tuple[int, int]]) -> list[int]:
    """The row of every box: below all that point to it, few in a row, arrows short."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for start, end in down:
        before[end].append(start)
        after[start].append(end)
    rows = [-1] * count
    filled: dict[int, int] = {}
    waiting = list(range(count))
    while waiting:
        box = next(b for b in waiting if all(rows[a] >= 0 for a in before[b]))
        waiting.remove(box)
        row = max((rows[a] + 1 for a in before[box]), default=0)
        while filled.get(row, 0) >= WIDEST:
            row += 1
        rows[box] = row
        filled[row] = filled.get(row, 0) + 1
    for box in [*reversed(range(count)), *range(count)]:  # shorten: towards where most arrows go
        low = max((rows[a] + 1 for a in before[box]), default=0)
        high = min((rows[b] - 1 for b in after[box]), default=rows[box])
        pull = len(after[box]) - len(before[box])
        wanted = [*range(high, rows[box], -1)] if pull > 0 else [*range(low, rows[box])]
        for row in wanted if pull else []:
            if filled.get(row, 0) < WIDEST:
                filled[rows[box]] -= 1
                filled[row] = filled.get(row, 0) + 1
                rows[box] = row
                break
    used = sorted(set(rows))
    return [used.index(row) for row in rows]


def _pieces(
    nodes: list[_Node],
    down: Sequence[tuple[int, int]],
    arrows: Sequence[tuple[int, int]],
    labels: Sequence[tuple[int, int]],
) -> list[_Piece]:
    """Every arrow cut at the rows it passes; lanes are added to ``nodes``."""
    pieces = []
    for index, (start, end) in enumerate(down):
        chain = [start]
        for row in range(nodes[start].row + 1, nodes[end].row):
            nodes.append(_Node(LANE, row))
            chain.append(len(nodes) - 1)
        chain.append(end)
        own = [_Piece(index, a, b) for a, b in pairwise(chain)]
        own[0 if down[index] == arrows[index] else -1].label = labels[index]  # beside its origin
        pieces += own
    return pieces


def _ordered(nodes: Sequence[_Node], pieces: Sequence[_Piece]) -> list[list[int]]:
    """Nodes row by row, from left to right, in an order with few crossings."""
    order: list[list[int]] = [[] for _ in range(max((n.row for n in nodes), default=-1) + 1)]
    for index, node in enumerate(nodes):
        order[node.row].append(index)
    best, fewest = [list(row) for row in order], _crossings(order, pieces)
    for sweep in range(SWEEPS):
        place = {node: i for row in order for i, node in enumerate(row)}
        downward = sweep % 2 == 0
        for row in order if downward else order[::-1]:
            pull: dict[int, list[int]] = {node: [] for node in row}
            for piece in pieces:
                near, far = piece.lower, piece.upper
                if not downward:
                    near, far = far, near
                if near in pull:
                    pull[near].append(place[far])
            mean = {n: sum(p) / len(p) if p else float(place[n]) for n, p in pull.items()}
            row.sort(key=lambda node: (mean[node], place[node]))
            place |= {node: i for i, node in enumerate(row)}
        crossings = _crossings(order, pieces)
        if crossings < fewest:
            best, fewest = [list(row) for row in order], crossings
    return _swapped(best, pieces, fewest)


def _swapped(order: list[list[int]], pieces: Sequence[_Piece], fewest: int) -> list[list[int]]:
    """Neighbours change places wherever that saves a crossing."""
    better = True
    while better and fewest:
        better = False
        for row in order:
            for i in range(len(row) - 1):
                row[i], row[i + 1] = row[i + 1], row[i]
                crossings = _crossings(order, pieces)
                if crossings < fewest:
                    fewest, better = crossings, True
                else:
                    row[i], row[i + 1] = row[i + 1], row[i]
    return order


def _crossings(order: Sequence[Sequence[int]], pieces: Sequence[_Piece]) -> int:
    row = {node: r for r, nodes in enumerate(order) for node in nodes}
    place = {node: i for nodes in order for i, node in enumerate(nodes)}
    gaps: list[list[tuple[int, int]]] = [[] for _ in order]
    for piece in pieces:
        gaps[row[piece.upper]].append((place[piece.upper], place[piece.lower]))
    return sum(
        (a[0] - b[0]) * (a[1] - b[1]) < 0
        for gap in gaps
        for i, a in enumerate(gap)
        for b in gap[:i]
    )


def _spread(
    nodes: Sequence[_Node], pieces: Sequence[_Piece], order: Sequence[Sequence[int]]
) -> None:
    """Give every node the middle that is nearest to its neighbours' and leaves room."""
    for row in order:
        at = 0.0
        for index in row:
            nodes[index].x = at + nodes[index].wide / 2
            at += nodes[index].wide + APART
    beside: list[list[int]] = [[] for _ in nodes]
    for piece in pieces:
        beside[piece.upper].append(piece.lower)
        beside[piece.lower].append(piece.upper)
    for sweep in range(SWEEPS):
        for row in order if sweep % 2 == 0 else order[::-1]:
            wanted, weights = [], []
            for i in row:
                # an arrow that passes several rows should go straight down: its lanes hold together
                pull = [
                    (nodes[j].x, 8.0 if nodes[i].box < 0 > nodes[j].box else 1.0) for j in beside[i]
                ]
                weight = sum(w for _, w in pull)
                wanted.append(sum(x * w for x, w in pull) / weight if pull else nodes[i].x)
                weights.append(max(weight, 1.0) if nodes[i].box < 0 else 1.0)
            wide = [nodes[i].wide for i in row]
            for i, x in zip(row, _apart(wide, wanted, APART, weights), strict=True):
                nodes[i].x = x
    shift = min((node.x - node.wide / 2 for node in nodes), default=0.0)
    for node in nodes:
        node.x = float(round(node.x - shift))


def _apart(
    wide: Sequence[int],
    wanted: Sequence[float],
    between: int,
    weights: Sequence[float] | None = None,
) -> list[float]:
    """The middles nearest to the wanted ones (least squares) that keep the row apart.

    Less the room that the boxes to the left need, the middles must not fall: pooling neighbours
    that do is the exact solution.
    """
    offsets = [0.0]
    for left, right in pairwise(wide):
        offsets.append(offsets[-1] + (left + right) / 2 + between)
    pools: list[tuple[float, float, int]] = []  # weighted sum, weight, how many
    for x, offset, weight in zip(wanted, offsets, weights or [1.0] * len(wide), strict=True):
        total, heavy, many = (x - offset) * weight, weight, 1
        while pools and pools[-1][0] * heavy >= total * pools[-1][1]:
            before = pools.pop()
            total, heavy, many = total + before[0], heavy + before[1], many + before[2]
        pools.append((total, heavy, many))
    flat = [total / heavy for total, heavy, many in pools for _ in range(many)]
    return [x + offset for x, offset in zip(flat, offsets, strict=True)]


def _ports(nodes: Sequence[_Node], gap: Sequence[_Piece]) -> None:
    """Where the arrows of a gap leave the upper row and reach the lower one: no two on one line."""
    taken: list[tuple[int, int]] = []  # x, arrow

    def free(node: _Node, ideal: float, arrow: int, room: int) -> int:
        low, high = round(node.x) - room, round(node.x) + room
        nearest = min(max(round(ideal), low), high)
        places = sorted(range(low, high + 1), key=lambda x: (abs(x - nearest), x))
        clear = (x for x in places if all(abs(x - t) >= PORT or a == arrow for t, a in taken))
        x = next(clear, None)
        if x is None:  # more arrows than room: as far from the others as it goes
            x = max(places, key=lambda x: min(abs(x - t) for t, a in taken if a != arrow))
        taken.append((x, arrow))
        return x

    by_upper = sorted(gap, key=lambda p: (nodes[p.upper].x, nodes[p.lower].x, p.arrow))
    for piece in by_upper:  # lanes cannot give way, boxes can
        if nodes[piece.upper].box < 0:
            piece.x0 = free(nodes[piece.upper], nodes[piece.upper].x, piece.arrow, 0)
    for piece in by_upper:
        lane = nodes[piece.lower]
        if lane.box < 0:
            ideal = piece.x0 if nodes[piece.upper].box < 0 else lane.x
            piece.x1 = free(lane, ideal, piece.arrow, 10)
            lane.x = float(piece.x1)
    for index in sorted({p.upper for p in gap}, key=lambda i: nodes[i].x):
        same = [p for p in by_upper if p.upper == index]
        if nodes[index].box >= 0:
            places = _side(nodes[index], [nodes[p.lower].x for p in same], 2 * PORT)
            for piece, (x, room) in zip(same, places, strict=True):
                piece.x0 = free(nodes[index], x, piece.arrow, room)
    for index in sorted({p.lower for p in gap}, key=lambda i: nodes[i].x):
        same = sorted((p for p in gap if p.lower == index), key=lambda p: (p.x0, p.arrow))
        if nodes[index].box >= 0:
            places = _side(nodes[index], [p.x0 for p in same], PORT)
            for piece, (x, room) in zip(same, places, strict=True):
                piece.x1 = free(nodes[index], x, piece.arrow, room)


def _side(box: _Node, ends: Sequence[float], between: int) -> list[tuple[float, int]]:
    """Places on one side of a box, straight above or below the arrows' other ends if it can be."""
    room = box.wide // 2 - 12
    wanted = [min(max(x, box.x - room), box.x + room) for x in ends]
    apart = min(between, 2 * room // max(len(ends) - 1, 1))
    return [(x, room) for x in _apart([apart] * len(ends), wanted, 0)]


def _tracks(gap: Sequence[_Piece]) -> None:
    """Give the sideways runs of a gap their heights: what would touch lies on another one."""
    for piece in gap:
        piece.middle = (piece.x0 + piece.x1) // 2
    queue = sorted(gap, key=lambda p: (-p.x0 if p.x1 > p.x0 else p.x0 - 10_000, p.arrow))
    tracks: list[list[_Piece]] = []
    for piece in queue:
        if piece.x0 == piece.x1 and not piece.label[0]:
            piece.track = -1  # straight through, nothing to write
            continue
        low, high = piece.level()
        free = (
            track
            for track in tracks
            if all(high < other.level()[0] or other.level()[1] < low for other in track)
        )
        track = next(free, None)
        if track is None:
            tracks.append(track := [])
        track.append(piece)
    for number, track in enumerate(tracks):
        for piece in track:
            piece.track = number
    _fewer_crossings(tracks)
    for track in tracks:
        for piece in track:
            _aside(piece, track, gap)


def _fewer_crossings(tracks: list[list[_Piece]]) -> None:
    """Neighbouring heights change places wherever that saves a crossing."""

    def crossings() -> int:
        pieces = [piece for track in tracks for piece in track]
        return sum(_cut(a, b) for a in pieces for b in pieces if a is not b)

    def number() -> None:
        for height, track in enumerate(tracks):
            for piece in track:
                piece.track = height

    fewest, better = crossings(), True
    while better and fewest:
        better = False
        for i in range(len(tracks) - 1):
            tracks[i], tracks[i + 1] = tracks[i + 1], tracks[i]
            number()
            now = crossings()
            if now < fewest:
                fewest, better = now, True
            else:
                tracks[i], tracks[i + 1] = tracks[i + 1], tracks[i]
                number()


def _cut(run: _Piece, other: _Piece) -> int:
    """How often the upright stretches of ``other`` meet the run of ``run`` and its label."""
    low, high = run.level()
    above = other.track > run.track and low < other.x0 < high
    below = other.track < run.track and low < other.x1 < high
    return above + below


def _aside(piece: _Piece, track: Sequence[_Piece], gap: Sequence[_Piece]) -> None:
    """Move a label along its run to where the fewest other arrows pass under it."""
    if not piece.label[0]:
        return
    half = piece.label[0] // 2 + 3
    first = (piece.x0 + piece.x1) // 2
    low, high = min(piece.x0, piece.x1), max(piece.x0, piece.x1)
    best: tuple[int, int, int] | None = None
    for middle in range(low - half + 9, high + half - 8, 3):  # its run stays under it
        piece.middle = middle
        reach = piece.level()
        others = [other.level() for other in track if other is not piece]
        if any(reach[0] <= b and a <= reach[1] for a, b in others):
            continue
        hit = 0
        for other in gap:
            if other is piece:
                continue
            x = other.x0 if other.track == -1 or other.track > piece.track else other.x1
            hit += other.track != piece.track and abs(x - middle) < half + 2
        rank = (hit, abs(middle - first), middle)
        best = rank if best is None or rank < best else best
    piece.middle = first if best is None else best[2]


def _placed(
    nodes: Sequence[_Node],
    order: Sequence[Sequence[int]],
    gaps: Sequence[Sequence[_Piece]],
    sizes: Sequence[tuple[int, int]],
    arrows: Sequence[tuple[int, int]],
) -> Layout:
    """Heights, and everything moved so that nothing lies left of 0."""
    boxes = [Rectangle(0, 0, 0, 0)] * len(sizes)
    labels = [Rectangle(0, 0, 0, 0)] * len(arrows)
    parts: list[list[list[Point]]] = [[] for _ in arrows]
    left = min([0, *(p.level()[0] for gap in gaps for p in gap if p.track >= 0)])
    y = 0
    for row, gap in zip(order, gaps, strict=True):
        high = max([0, *(sizes[nodes[i].box][1] for i in row if nodes[i].box >= 0)])
        for i in row:
            if nodes[i].box >= 0:
                x = round(nodes[i].x - nodes[i].wide / 2) - left
                boxes[nodes[i].box] = Rectangle(x, y, nodes[i].wide, high)
        top = y + high
        y = top + 2 * LINE if gap else top
        heights = []
        for track in range(max([-1, *(piece.track for piece in gap)]) + 1):
            tall = max(piece.label[1] for piece in gap if piece.track == track)
            heights.append(y + tall // 2)
            y += tall + LINE
        bottom = y + LINE if gap else top
        for piece in gap:
            x0, x1, middle = piece.x0 - left, piece.x1 - left, piece.middle - left
            at = heights[piece.track] if piece.track >= 0 else top
            points = [(x0, top), (x0, at), (x1, at), (x1, bottom)]
            parts[piece.arrow].append(points)
            wide, tall = piece.label
            if wide:
                labels[piece.arrow] = Rectangle(middle - wide // 2, at - tall // 2, wide, tall)
        y = bottom
    routes = []
    for (start, _), part in zip(arrows, parts, strict=True):
        points = _straightened([point for each in part for point in each])
        upward = points[0][1] != boxes[start].y + boxes[start].high
        routes.append(tuple(points[::-1] if upward else points))
    ends = [box.x + box.wide for box in boxes] + [label.x + label.wide for label in labels]
    ends += [x for route in routes for x, _ in route]
    return Layout(tuple(boxes), tuple(labels), tuple(routes), max([0, *ends]), y)


def _straightened(points: Sequence[Point]) -> list[Point]:
    """The corners alone."""
    kept: list[Point] = []
    for point in points:
        if kept and point == kept[-1]:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0]):
            kept[-1] = point
        else:
            kept.append(point)
    return kept
