#!/usr/bin/env python3
"""Does the long part of the recipe in backbone.md on a GPU, within a given time.

    backbone_gpu.py teach PICTURES TEACHER.tflite WEIGHTS [--seconds N]
    backbone_gpu.py checkpoint WEIGHTS CHECKPOINT

`teach` trains `residual-xl` at 96 pixels on PICTURES (a folder for each class, at any depth)
with an int8 .tflite of the MobileNet family as the teacher, and writes the folder WEIGHTS.
`checkpoint` puts these weights into a CHECKPOINT that `thumbtag train` wrote for the same
pictures; the same command then ends that run: it writes the int8 model. With --step it goes on
training from there.

Needs NumPy; `teach` also PyTorch and Pillow, `checkpoint` xxhash. Beyond what src/train does, the
student learns a finer map of the teacher in 4 x 4 cells, not only the means over its quarters, and
a fifth of its pictures are blends of two (Beyer et al. 2022, "Knowledge distillation: A good
teacher is patient and consistent").
"""
import argparse
import math
import os
import struct
import time

import numpy as np

SIDE = 96                  # of the student's input, pixels
TEACHER_SIDE = 224
CHANNELS, BLOCKS = (32, 64, 128, 256), (1, 2, 4, 2)  # residual-xl in src/train/architectures.c
NORM_EPSILON = 1e-3        # NET_NORM_EPSILON in src/train/net.h
FINE = 4                   # the finer maps are compared in FINE x FINE cells
QUARTERS, FINER, CLASSES = 0.5, 0.3, 0.2  # weights in the loss; that of the means is 1
BATCH, FRESH = 768, 384    # pictures in a step; of these, new views a step (the rest again)
RING = 120000              # views that are kept for "again"
WARM = 8192                # views before the first step
RATE, DECAY = 2e-3, 0.02
BLENDS = 5                 # one view in so many is a blend of two
HELD = 2048                # pictures held back


# ------------------------------------------------------------------ pictures
def list_pictures(folder):
    """Paths in an order drawn once for all, and the class of each."""
    paths = []
    for at, _, names in os.walk(folder, followlinks=True):
        paths += [os.path.join(at, name) for name in names]
    paths.sort()
    classes = sorted({os.path.dirname(path) for path in paths})
    number = {c: i for i, c in enumerate(classes)}
    np.random.RandomState(7).shuffle(paths)
    return paths, np.array([number[os.path.dirname(path)] for path in paths]), len(classes)


def read_pictures(paths):
    """The middle square of each picture: count x SIDE x SIDE x 3."""
    import mmap
    import multiprocessing
    from PIL import Image
    size = len(paths) * SIDE * SIDE * 3
    pixels = np.frombuffer(mmap.mmap(-1, size), np.uint8).reshape(-1, SIDE, SIDE, 3)
    global read_one  # a forked worker finds it by its name

    def read_one(i):
        picture = Image.open(paths[i]).convert('RGB')
        width, height = picture.size
        side = min(width, height)
        x, y = (width - side) // 2, (height - side) // 2
        square = picture.crop((x, y, x + side, y + side))
        pixels[i] = np.asarray(square.resize((SIDE, SIDE), Image.BICUBIC))

    with multiprocessing.get_context('fork').Pool(os.cpu_count()) as pool:
        pool.map(read_one, range(len(paths)), chunksize=64)
    return pixels


# ------------------------------------------------------- reading a .tflite
class Tables:
    """The few parts of a FlatBuffer that are needed; the fields count as in TFLite's schema."""

    def __init__(self, data):
        self.data = data

    def number(self, form, at):
        return struct.unpack_from('<' + form, self.data, at)[0]

    def field(self, table, index):
        """Where a field is; 0: it has its default."""
        layout = table - self.number('i', table)
        if 4 + 2 * index >= self.number('H', layout):
            return 0
        offset = self.number('H', layout + 4 + 2 * index)
        return table + offset if offset else 0

    def value(self, table, index, form, default=0):
        at = self.field(table, index)
        return self.number(form, at) if at else default

    def child(self, table, index):
        at = self.field(table, index)
        return at + self.number('I', at) if at else 0

    def vector(self, table, index, dtype):
        at = self.child(table, index)
        count = self.number('I', at) if at else 0
        return np.frombuffer(self.data, dtype, count, at + 4 if count else 0)

    def children(self, table, index):
        at = self.child(table, index)
        places = [at + 4 + 4 * i for i in range(self.number('I', at) if at else 0)]
        return [place + self.number('I', place) for place in places]


ADD, CONV, DEPTHWISE, DENSE, PAD, TRANSPOSE = 0, 3, 4, 9, 34, 39
RELU, RELU6 = 1, 3


def read_tflite(path):
    """Operators in order: kind, inputs, output, stride, activation; tensors: shape, scale, zero
    point, and the values of constants, in float where they have a scale."""
    t = Tables(open(path, 'rb').read())
    model = t.number('I', 0)
    kinds = [max(t.value(code, 0, 'b'), t.value(code, 3, 'i')) for code in t.children(model, 1)]
    buffers = t.children(model, 4)
    graph = t.children(model, 2)[0]
    types = {0: np.float32, 2: np.int32, 4: np.int64, 9: np.int8}
    tensors = []
    for table in t.children(graph, 0):
        shape = t.vector(table, 0, np.int32)
        quantization = t.child(table, 4)
        scale = t.vector(quantization, 2, np.float32) if quantization else np.zeros(0, np.float32)
        zero = t.vector(quantization, 3, np.int64) if quantization else np.zeros(0, np.int64)
        axis = t.value(quantization, 6, 'i') if quantization else 0
        raw = t.vector(buffers[t.value(table, 2, 'I')], 0, np.uint8)
        values = raw.view(types[t.value(table, 1, 'b')]).reshape(shape) if len(raw) else None
        if values is not None and len(scale):
            along = [1] * len(shape)
            along[axis] = -1
            values = values.astype(np.float32) * (scale.reshape(along) if len(scale) > 1 else scale)
        tensors.append(dict(shape=shape.tolist(), scale=scale, zero=zero, values=values))
    operators = []
    for table in t.children(graph, 3):
        kind = kinds[t.value(table, 0, 'I')]
        options = t.child(table, 4)
        operator = dict(kind=kind, inputs=t.vector(table, 1, np.int32).tolist(),
                        output=int(t.vector(table, 2, np.int32)[0]))
        if kind in (CONV, DEPTHWISE):
            operator['stride'] = t.value(options, 1, 'i')
            operator['activation'] = t.value(options, 3 if kind == CONV else 4, 'b')
        operators.append(operator)
    return operators, tensors, int(t.vector(graph, 1, np.int32)[0])


# ------------------------------------------------------------------ training
def teach(arguments):
    import torch
    import torch.nn as nn
    import torch.nn.functional as F

    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    cuda = device == 'cuda'
    started = time.time()

    def say(text):
        print('%7.1f s  %s' % (time.time() - started, text), flush=True)

    class Teacher(nn.Module):
        """The model in float, up to its last map: without the rounding of its activations, whose
        noise is not worth learning, but with their bounds."""

        def __init__(self, path):
            super().__init__()
            self.operators, self.tensors, self.input = read_tflite(path)
            self.dtype = torch.float16 if cuda else torch.float32
            self.weights = nn.ParameterDict()
            for k, o in enumerate(self.operators):
                out = self.tensors[o['output']]
                if len(out['scale']):
                    low, high = [(v - out['zero'][0]) * out['scale'][0] for v in (-128, 127)]
                    relu = o.get('activation') in (RELU, RELU6)
                    o['bounds'] = (max(low, 0) if relu else low,
                                   min(high, 6) if o.get('activation') == RELU6 else high)
                if o['kind'] in (CONV, DEPTHWISE):
                    filters = self.tensors[o['inputs'][1]]['values']
                    order = (3, 0, 1, 2) if o['kind'] == DEPTHWISE else (0, 3, 1, 2)
                    self.keep('filter%d' % k, filters.transpose(order))
                    self.keep('bias%d' % k, self.tensors[o['inputs'][2]]['values'])
            shapes = [self.tensors[o['output']]['shape'] for o in self.operators]
            self.last = max(k for k, o in enumerate(self.operators) if o['kind'] == CONV and
                            shapes[k][1] > 1)
            side = shapes[self.last][1]
            self.fine = max(k for k, o in enumerate(self.operators)  # a bottleneck: not what a
                            if len(shapes[k]) == 4 and shapes[k][1] == 2 * side and  # RELU6 widens
                            (o['kind'] == ADD or o.get('activation') == 0))
            self.features, self.fine_features = shapes[self.last][3], shapes[self.fine][3]

        def keep(self, name, values):
            values = torch.tensor(np.ascontiguousarray(values), dtype=self.dtype)
            self.weights[name] = nn.Parameter(values, requires_grad=False)

        @torch.no_grad()
        def forward(self, pixels):
            """pixels: N x 3 x 224 x 224 of 0..255. The last map, and one of twice its side."""
            mean = torch.tensor([.485, .456, .406], device=device).view(1, 3, 1, 1) * 255
            deviation = torch.tensor([.229, .224, .225], device=device).view(1, 3, 1, 1) * 255
            x = ((pixels - mean) / deviation).to(self.dtype)
            values = {self.input: x.contiguous(memory_format=torch.channels_last)}
            for k, o in enumerate(self.operators):
                x = values[o['inputs'][0]]
                if o['kind'] == PAD:
                    pads = self.tensors[o['inputs'][1]]['values'].reshape(-1).tolist()
                    x = F.pad(x, (pads[4], pads[5], pads[2], pads[3]))
                elif o['kind'] in (CONV, DEPTHWISE):
                    groups = x.shape[1] if o['kind'] == DEPTHWISE else 1
                    x = F.conv2d(x, self.weights['filter%d' % k], self.weights['bias%d' % k],
                                 o['stride'], 0, 1, groups).clamp_(*o['bounds'])
                elif o['kind'] == ADD:
                    x = (x + values[o['inputs'][1]]).clamp_(*o['bounds'])
                elif o['kind'] != TRANSPOSE:
                    raise SystemExit('operator %d of the teacher, of kind %d, is not known here'
                                     % (k, o['kind']))
                values[o['output']] = x
                if k == self.last:
                    return x, values[self.operators[self.fine]['output']]

    class ConvNorm(nn.Module):
        """Pads as TensorFlow's SAME: a stride of 2 pads on the right and below alone."""

        def __init__(self, channels_in, channels, kernel, stride, starts_at_0=False):
            super().__init__()
            self.pad = kernel == 3 and stride == 2
            self.conv = nn.Conv2d(channels_in, channels, kernel, stride,
                                  1 if kernel == 3 and stride == 1 else 0, bias=False)
            nn.init.normal_(self.conv.weight, std=math.sqrt(2 / (channels_in * kernel * kernel)))
            self.norm = nn.BatchNorm2d(channels, eps=NORM_EPSILON, momentum=0.02)
            if starts_at_0:
                nn.init.zeros_(self.norm.weight)

        def forward(self, x):
            return self.norm(self.conv(F.pad(x, (0, 1, 0, 1)) if self.pad else x))

    class Block(nn.Module):
        def __init__(self, channels_in, channels, stride):
            super().__init__()
            same = stride == 1 and channels_in == channels
            self.shortcut = None if same else ConvNorm(channels_in, channels, 1, stride)
            self.first = ConvNorm(channels_in, channels, 3, stride)
            self.second = ConvNorm(channels, channels, 3, 1, starts_at_0=True)

        def forward(self, x):
            shortcut = x if self.shortcut is None else self.shortcut(x)
            return F.relu_(self.second(F.relu_(self.first(x))) + shortcut)

    class Student(nn.Module):
        def __init__(self, classes, features, fine_features):
            super().__init__()
            self.stem = ConvNorm(3, CHANNELS[0], 3, 2)
            self.stages = nn.ModuleList()
            before = CHANNELS[0]
            for stage, (channels, count) in enumerate(zip(CHANNELS, BLOCKS)):
                blocks = []
                for b in range(count):
                    blocks.append(Block(before, channels, 2 if stage > 0 and b == 0 else 1))
                    before = channels
                self.stages.append(nn.Sequential(*blocks))
            self.dense = nn.Linear(before, classes)
            self.projection = nn.Linear(before, features)
            self.finer = nn.Linear(CHANNELS[2], fine_features)
            for layer in (self.dense, self.projection, self.finer):
                nn.init.normal_(layer.weight, std=math.sqrt(1 / layer.in_features))
                nn.init.zeros_(layer.bias)

        def forward(self, pixels):
            """Logits, and what it foretells of the means, the quarters' means, the finer map."""
            x = ((pixels - 128) / 64).contiguous(memory_format=torch.channels_last)
            x = F.relu_(self.stem(x))
            maps = []
            for stage in self.stages:
                x = stage(x)
                maps.append(x)
            mean = x.float().mean((2, 3))
            return (self.dense(mean), self.projection(mean), self.projection(cells(x, 2)),
                    self.finer(cells(maps[2], FINE)))

        def in_order(self):
            """Parameters and moments as src/train/net.c counts them."""
            parameters, moments = [], []
            convs = [self.stem]
            for stage in self.stages:
                for b in stage:
                    convs += ([b.shortcut] if b.shortcut else []) + [b.first, b.second]
            for c in convs:
                parameters += [c.conv.weight.permute(0, 2, 3, 1), c.norm.weight, c.norm.bias]
                moments += [c.norm.running_mean, c.norm.running_var]
            for layer in (self.dense, self.projection):
                parameters += [layer.weight, layer.bias]
            return [torch.cat([v.detach().float().reshape(-1) for v in values]).cpu().numpy()
                    for values in (parameters, moments)]

    def cells(maps, side):
        return F.adaptive_avg_pool2d(maps.float(), side).flatten(2).transpose(1, 2)

    # ------------------------------------------------------------------ views
    def uniform(low, high, *shape):
        return torch.empty(*shape, device=device).uniform_(low, high)

    def random_boxes(count):
        area, aspect = uniform(0.35, 1, count), torch.exp(uniform(-0.2877, 0.2877, count))
        width, height = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)
        x, y = torch.rand(count, device=device), torch.rand(count, device=device)
        return x * (1 - width), y * (1 - height), width, height, uniform(0, 1, count) < 0.5

    def crop(pixels, boxes, side):
        x, y, width, height, flip = boxes
        place = ((torch.arange(side, device=device).float() + 0.5) / side)[None]
        across = x[:, None] + torch.where(flip[:, None], 1 - place, place) * width[:, None]
        down = y[:, None] + place * height[:, None]
        shape = (len(x), side, side)
        grid = torch.stack([across[:, None, :].expand(shape), down[:, :, None].expand(shape)], -1)
        return F.grid_sample(pixels, grid * 2 - 1, 'bilinear', 'border', align_corners=False)

    def random_colors(count):
        gain, contrast, saturation = [uniform(0.7, 1.3, count, 1, 1, 1) for _ in range(3)]
        saturation[uniform(0, 1, count) < 0.1] = 0
        return gain, contrast, saturation

    def recolor(pixels, colors):
        gain, contrast, saturation = colors
        red, green, blue = pixels[:, 0:1], pixels[:, 1:2], pixels[:, 2:3]
        luma = 0.299 * red + 0.587 * green + 0.114 * blue
        out = (luma + (pixels - luma) * saturation) * (gain * contrast) + 128 * (1 - contrast)
        return out.clamp_(0, 255)

    def lose_detail(pixels):
        """Of 45 in 100 pictures only 24 to 80 pixels are left, as of small ones that were
        enlarged. The teacher saw them whole: the student learns to do without."""
        groups = 6
        each = int(len(pixels) * 0.45 / groups)
        for k in range(groups if each else 0):
            side = int(math.exp(np.random.uniform(math.log(24), math.log(80))))
            part = slice(k * each, (k + 1) * each)
            small = F.interpolate(pixels[part], (side, side), mode='bilinear', antialias=True)
            pixels[part] = F.interpolate(small, (SIDE, SIDE), mode='bicubic' if k % 2 else 'bilinear',
                                         align_corners=False).clamp(0, 255)
        return pixels

    # -------------------------------------------------------------------- run
    torch.manual_seed(1)
    np.random.seed(1)
    torch.backends.cudnn.benchmark = True
    paths, classes, class_count = list_pictures(arguments.pictures)
    pixels = torch.from_numpy(read_pictures(paths)).to(device)
    labels = torch.tensor(classes, device=device)
    held = min(HELD, len(paths) // 10)
    count = len(paths) - held
    fresh, batch_size = min(FRESH, count // 2), min(BATCH, count)
    teacher = Teacher(arguments.teacher).to(device).to(memory_format=torch.channels_last)
    student = Student(class_count, teacher.features, teacher.fine_features)
    student = student.to(device).to(memory_format=torch.channels_last)
    say('%d pictures in %d classes, %d held back' % (count, class_count, held))

    def ask(views):
        last, fine = teacher(views)
        return last.float().mean((2, 3)), cells(last, 2), cells(fine, FINE)

    drawn = {'order': None, 'at': count}

    def draw():
        """New views; each picture once before any again."""
        if drawn['at'] + fresh > count:
            drawn['order'], drawn['at'] = torch.randperm(count, device=device), 0
        which = drawn['order'][drawn['at']:drawn['at'] + fresh]
        drawn['at'] += fresh
        source = pixels[which].permute(0, 3, 1, 2).float()
        boxes, colors, label = random_boxes(fresh), random_colors(fresh), labels[which].clone()
        views = [recolor(crop(source, boxes, side), colors) for side in (SIDE, TEACHER_SIDE)]
        blends = fresh // BLENDS
        part = uniform(0.2, 0.5, blends, 1, 1, 1)
        for v in views:
            v[:blends] = v[:blends] * (1 - part) + v[blends:2 * blends] * part
        label[:blends] = -1
        return (views[0] + 0.5).to(torch.uint8), label, ask(views[1])

    first = [draw()[2] for _ in range(max(1, 4096 // fresh))]
    units = []  # of the means, and of the finer map; the quarters' are those of the means
    for part in (0, 2):
        values = torch.cat([f[part] for f in first]).reshape(-1, first[0][part].shape[-1])
        units.append((values.mean(0), values.std(0)))

    def standardize(said):
        """To mean 0 and variance 1 over the views, and at most 8 deviations away."""
        parts = zip(said, (units[0], units[0], units[1]))
        return [((v - mean) / deviation.clamp(min=1e-4) * (deviation > 1e-4)).clamp(-8, 8)
                for v, (mean, deviation) in parts]

    quarters_variance = standardize(first[0])[1].pow(2).mean().item()
    room = min(RING, 8 * count)
    rows = [torch.empty(room, 3, SIDE, SIDE, dtype=torch.uint8, device=device),
            torch.empty(room, dtype=torch.long, device=device)]
    rows += [torch.empty(room, *part.shape[1:], dtype=torch.float16, device=device)
             for part in first[0]]
    ring = {'filled': 0, 'at': 0}

    def remember():
        view, label, said = draw()
        where = (torch.arange(fresh, device=device) + ring['at']) % room
        for row, values in zip(rows, [view, label, *standardize(said)]):
            row[where] = values.to(row.dtype)
        ring['at'] = (ring['at'] + fresh) % room
        ring['filled'] = min(room, ring['filled'] + fresh)

    def measure():
        """Share of the variance of the teacher's features that is explained, and accuracy."""
        student.eval()
        wrong = all_ = right = 0
        for k in range(count, count + held, 256):
            view = pixels[k:k + 256].permute(0, 3, 1, 2).float()
            big = F.interpolate(view, (TEACHER_SIDE, TEACHER_SIDE), mode='bilinear')
            target = standardize(ask(big))[0]
            with torch.no_grad(), torch.autocast(device, torch.bfloat16, enabled=cuda):
                logits, means, _, _ = student(view)
            wrong += (means.float() - target).pow(2).sum().item()
            all_ += target.pow(2).sum().item()
            right += (logits.argmax(1) == labels[k:k + 256]).sum().item()
        student.train()
        return 1 - wrong / all_, right / held

    filters = [p for p in student.parameters() if p.dim() > 1]
    others = [p for p in student.parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW([{'params': filters, 'weight_decay': DECAY},
                                   {'params': others, 'weight_decay': 0}], lr=RATE,
                                  betas=(0.9, 0.99))
    while ring['filled'] < min(WARM, room):
        remember()
    begin = reported = time.time()
    step = 0
    while time.time() - begin < arguments.seconds:
        done = (time.time() - begin) / arguments.seconds
        for group in optimizer.param_groups:
            group['lr'] = RATE * min(1, (step + 1) / 300) * 0.5 * (1 + math.cos(math.pi * done))
        remember()
        which = torch.randint(ring['filled'], (batch_size,), device=device)
        view, label, means, quarters, fine = [row[which] for row in rows]
        with torch.autocast(device, torch.bfloat16, enabled=cuda):
            said = student(lose_detail(view.float()))
        loss = ((said[1].float() - means.float()).pow(2).mean() +
                QUARTERS * (said[2].float() - quarters.float()).pow(2).mean() / quarters_variance +
                FINER * (said[3].float() - fine.float()).pow(2).mean() +
                CLASSES * F.cross_entropy(said[0].float(), label, ignore_index=-1))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(student.parameters(), 5.0)
        optimizer.step()
        step += 1
        if time.time() - reported > 20:
            reported = time.time()
            say('step %d: loss %.3f, held back: explained %.3f, accuracy %.3f'
                % (step, loss.item(), *measure()))
    explained, accuracy = measure()
    say('%d steps, %d new views; held back: explained %.3f, accuracy %.3f'
        % (step, step * fresh, explained, accuracy))
    os.makedirs(arguments.weights, exist_ok=True)
    for name, values in zip(('parameters', 'moments'), student.in_order()):
        values.tofile(os.path.join(arguments.weights, name))


# ---------------------------------------------------------------- checkpoint
HEADER = struct.Struct('<24s 5Q d 2Q')  # the beginning of `struct header` in src/train/checkpoint.c
HEADER_BYTES = 128


def checkpoint(arguments):
    import xxhash
    with open(arguments.checkpoint, 'rb') as file:
        data = bytearray(file.read())
    magic, identity, teacher, step, _, _, _, parameters, moments = HEADER.unpack_from(data)
    if not magic.startswith(b'thumbtag checkpoint 3\n'):
        raise SystemExit('%s: not a checkpoint of this version' % arguments.checkpoint)
    values = [np.fromfile(os.path.join(arguments.weights, name), np.float32)
              for name in ('parameters', 'moments')]
    # Behind them the trainer has those that foretell a finer map, which serve further training.
    more = parameters - len(values[0])
    if more < 0 or more % (CHANNELS[2] + 1) or len(values[1]) != moments:
        raise SystemExit('%s: of another network, or another number of classes: %d parameters, '
                         'not %d' % (arguments.checkpoint, parameters, len(values[0])))
    HEADER.pack_into(data, 0, magic, identity, teacher, arguments.step, 0, 0, 0.0, parameters,
                     moments)
    at = HEADER_BYTES
    own = 4 * len(values[0])
    for part in (values[0].tobytes() + bytes(data[at + own:at + 4 * parameters]),
                 values[1].tobytes(), bytes(8 * parameters)):
        data[at:at + len(part)] = part  # the last: the optimizer knows nothing yet
        at += len(part)
    struct.pack_into('<Q', data, at, xxhash.xxh3_64_intdigest(memoryview(data)[:at]))
    with open(arguments.checkpoint + '.new', 'wb') as file:
        file.write(data)
    os.replace(arguments.checkpoint + '.new', arguments.checkpoint)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    a = commands.add_parser('teach')
    a.add_argument('pictures')
    a.add_argument('teacher')
    a.add_argument('weights')
    a.add_argument('--seconds', type=float, default=545)
    a.set_defaults(run=teach)
    a = commands.add_parser('checkpoint')
    a.add_argument('weights')
    a.add_argument('checkpoint')
    a.add_argument('--step', type=int, default=1000000,
                   help='step that the run goes on from; default: its end')
    a.set_defaults(run=checkpoint)
    arguments = parser.parse_args()
    arguments.run(arguments)


if __name__ == '__main__':
    main()
