#include "plan.h"

#include <stdlib.h>

#include "kernels/isa.h"
#include "operators.h"

static size_t tensor_index(const struct nn_model *m, const struct nn_tensor *t)
{
    return (size_t)(t - m->tensors);
}

/* Checks the order: op's operands have been written before, its output has not. */
static bool operands_ready(const struct nn_prepare *p)
{
    const struct nn_op *op = p->op;
    for (size_t i = 0; i < op->operand_count; i++) {
        if (!op->in[i] && i >= (size_t)op->kind->min_operands) {
            continue;
        }
        if (!op->in[i]) {
            return nn_refuse(p, ERROR_DATA, "operand %zu is missing", i);
        }
        if (!op->in[i]->ready) {
            return nn_refuse(p, ERROR_DATA, "reads tensor %zu before any operator has written it",
                             tensor_index(p->model, op->in[i]));
        }
    }
    if (op->out->ready) {
        return nn_refuse(p, ERROR_DATA,
                         "writes tensor %zu, which is a constant, the input or "
                         "already written",
                         tensor_index(p->model, op->out));
    }
    return true;
}

static bool prepare_op(struct nn_model *m, struct nn_op *op, struct error *err)
{
    struct nn_prepare p = { m, op, err };
    if (!operands_ready(&p) || !op->kind->prepare(&p)) {
        if (m->fb.bad) {
            return nn_refuse(&p, ERROR_DATA, "options damaged at byte %zu", m->fb.bad_at);
        }
        return false;
    }
    if (m->fb.bad) {
        return nn_refuse(&p, ERROR_DATA, "options damaged at byte %zu", m->fb.bad_at);
    }
    for (size_t i = 0; i < op->operand_count; i++) {
        if (op->in[i]) {
            op->in[i]->last = op->index;
            op->in[i]->readers++;
            op->info.bytes += op->in[i]->info.bytes;
        }
    }
    op->info.bytes += op->out->info.bytes;
    op->out->ready = true;
    op->out->first = op->out->last = op->index;
    op->info.output = op->out->info;
    m->macs += op->info.macs;
    return true;
}

/* The operator that writes t, NULL for the input. */
static const struct nn_op *writer_of(const struct nn_model *m, const struct nn_tensor *t)
{
    for (size_t i = m->op_count; i-- > 0;) {
        if (m->ops[i].out == t) {
            return &m->ops[i];
        }
    }
    return NULL;
}

/* Follows the output back through operators that keep every element in its place. */
static void find_logits(struct nn_model *m)
{
    struct nn_tensor *t = m->output;
    m->beta = 1.0f;
    m->logits = t;
    for (const struct nn_op *op = writer_of(m, t); op && !op->in[0]->data; op = writer_of(m, t)) {
        t = op->in[0];
        if (op->kind->code == NN_SOFTMAX && op->p.softmax.rows == 1) {
            m->beta = op->p.softmax.beta;
            m->logits = t;
            return;
        }
        if (op->kind->code != NN_RESHAPE && op->kind->code != NN_QUANTIZE &&
            op->kind->code != NN_DEQUANTIZE) {
            return;
        }
        m->logits = t;
    }
}

static bool is_global_mean(const struct nn_op *op)
{
    const struct nn_window *w = &op->p.pool.window;
    return (op->kind->code == NN_MEAN || op->kind->code == NN_AVERAGE_POOL) &&
           op->in[0]->info.rank == 4 && w->kernel_h == w->in_h && w->kernel_w == w->in_w &&
           w->out_h == 1 && w->out_w == 1 && w->pad_top == 0 && w->pad_left == 0;
}

/* Goes back from the logits to what the last layer reads and, before a global pool, to
 * the map that it averages. */
static void find_features(struct nn_model *m)
{
    const struct nn_op *op = writer_of(m, m->logits);
    while (op && !op->in[0]->data &&
           (op->kind->code == NN_RESHAPE || op->kind->code == NN_QUANTIZE ||
            op->kind->code == NN_DEQUANTIZE)) {
        op = writer_of(m, op->in[0]);
    }
    bool last =
        op && !op->in[0]->data && op->in[0]->info.type == NN_INT8 &&
        ((op->kind->code == NN_FULLY_CONNECTED && op->p.conv.rows == 1) ||
         (op->kind->code == NN_CONV && op->p.conv.window.in_h == 1 && op->p.conv.window.in_w == 1));
    if (!last) {
        return;
    }
    m->features = op->in[0];
    m->features_reader = op->index;
    const struct nn_op *pool = writer_of(m, op->in[0]);
    while (pool && !pool->in[0]->data && pool->kind->code == NN_RESHAPE) {
        pool = writer_of(m, pool->in[0]);
    }
    if (pool && !pool->in[0]->data && is_global_mean(pool) && pool->in[0]->info.type == NN_INT8) {
        m->features = pool->in[0];
        m->features_reader = pool->index;
    }
}

/* The last map of at least twice the features' height and width. */
static void find_fine_map(struct nn_model *m)
{
    const struct nn_tensor_info *f = m->features ? &m->features->info : NULL;
    for (size_t i = m->features_reader; f && f->rank == 4 && i-- > 0;) {
        struct nn_tensor *t = m->ops[i].out;
        const struct nn_tensor_info *info = &t->info;
        if (!m->ops[i].folded && m->ops[i].kind->code != NN_PAD && info->rank == 4 &&
            info->type == NN_INT8 && info->dims[0] == 1 && info->scale > 0.0f &&
            info->dims[1] >= 2 * f->dims[1] && info->dims[2] >= 2 * f->dims[2]) {
            m->fine = t;
            m->fine_writer = i;
            return;
        }
    }
}

static bool lives_apart(const struct nn_tensor *a, const struct nn_tensor *b)
{
    return a->last < b->first || b->last < a->first;
}

static int larger_first(const void *a, const void *b)
{
    const struct nn_tensor *x = *(struct nn_tensor *const *)a, *y = *(struct nn_tensor *const *)b;
    if (x->info.bytes != y->info.bytes) {
        return x->info.bytes < y->info.bytes ? 1 : -1;
    }
    return x < y ? -1 : 1;
}

static size_t room_for(const struct nn_tensor *t)
{
    return (t->info.bytes + NN_ARENA_ALIGN - 1) / NN_ARENA_ALIGN * NN_ARENA_ALIGN;
}

/* Greedy: the largest first, each at the lowest offset that is free while it is needed.
 * order[0..placed) is kept sorted by offset. */
static void place(struct nn_tensor **order, size_t placed, struct nn_tensor *t)
{
    size_t at = 0;
    for (size_t i = 0; i < placed; i++) {
        const struct nn_tensor *other = order[i];
        if (lives_apart(t, other) || other->offset + room_for(other) <= at) {
            continue;
        }
        if (at + room_for(t) <= other->offset) {
            break;
        }
        at = other->offset + room_for(other);
    }
    t->offset = at;
    size_t slot = placed;
    for (; slot > 0 && order[slot - 1]->offset > at; slot--) {
        order[slot] = order[slot - 1];
    }
    order[slot] = t;
}

static bool plan_arena(struct nn_model *m, struct error *err)
{
    struct nn_tensor **order = nn_model_alloc(m, m->tensor_count, sizeof(struct nn_tensor *), err);
    size_t count = 0;
    if (!order) {
        return false;
    }
    for (size_t i = 0; i < m->tensor_count; i++) {
        if (m->tensors[i].ready && !m->tensors[i].data && !m->tensors[i].alias) {
            order[count++] = &m->tensors[i];
        }
    }
    qsort(order, count, sizeof(*order), larger_first);
    for (size_t i = 0; i < count; i++) {
        struct nn_tensor *t = order[i];
        place(order, i, t);
        size_t end = t->offset + room_for(t);
        m->arena_bytes = end > m->arena_bytes ? end : m->arena_bytes;
    }
    for (size_t i = 0; i < m->tensor_count; i++) {
        if (m->tensors[i].alias) {
            m->tensors[i].offset = m->tensors[i].alias->offset;
        }
    }
    m->scratch_offset = m->arena_bytes;
    m->arena_bytes += m->scratch_bytes;
    if (m->arena_bytes > NN_ARENA_MAX_BYTES) {
        return error_set(err, ERROR_UNSUPPORTED,
                         "%s: needs %zu bytes of activations; the limit is %zu", m->name,
                         m->arena_bytes, NN_ARENA_MAX_BYTES);
    }
    return true;
}

/* The only operator that reads t, as its first operand; NULL when there are several, or
 * when t is read from outside. */
static struct nn_op *only_reader(const struct nn_model *m, const struct nn_tensor *t)
{
    if (t->readers != 1 || t == m->output || t == m->logits) {
        return NULL;
    }
    struct nn_op *reader = &m->ops[t->last];
    return reader->in[0] == t ? reader : NULL;
}

#define MAX_FOLDED 4096 /* rows or columns; a convolution's own padding stays below this too */

/* Merges a PAD of height and width whose only reader is a convolution into that one's
 * window: both pad with the zero point. */
static void fold_pad(struct nn_model *m, struct nn_op *op)
{
    const struct nn_pad *pad = &op->p.pad;
    struct nn_op *reader = only_reader(m, op->out);
    if (op->in[0]->data || !reader ||
        (reader->kind->code != NN_CONV && reader->kind->code != NN_DEPTHWISE) ||
        op->in[0]->info.rank != 4 || pad->before[0] + pad->after[0] != 0 ||
        pad->before[3] + pad->after[3] != 0 || pad->before[1] > MAX_FOLDED ||
        pad->before[2] > MAX_FOLDED || pad->after[1] > MAX_FOLDED || pad->after[2] > MAX_FOLDED) {
        return;
    }
    struct nn_window *window = &reader->p.conv.window;
    window->in_h = pad->dims[1];
    window->in_w = pad->dims[2];
    window->pad_top += pad->before[1];
    window->pad_left += pad->before[2];
    reader->in[0] = op->in[0];
    if (reader->in[0]->last < reader->index) {
        reader->in[0]->last = reader->index;
    }
    op->out->ready = false;
    op->folded = true;
}

/* A RESHAPE moves nothing: its output shares its input's bytes. */
static void fold_reshape(struct nn_op *op)
{
    struct nn_tensor *from = op->in[0];
    if (from->data) {
        return;
    }
    while (from->alias) {
        from = from->alias;
    }
    op->out->alias = from;
    if (from->last < op->out->last) {
        from->last = op->out->last;
    }
    op->folded = true;
}

static void fold(struct nn_model *m)
{
    for (size_t i = 0; i < m->op_count; i++) {
        if (m->ops[i].kind->code == NN_PAD) {
            fold_pad(m, &m->ops[i]);
        } else if (m->ops[i].kind->code == NN_RESHAPE) {
            fold_reshape(&m->ops[i]);
        }
    }
}

static bool choose_kernels(struct nn_model *m, struct error *err)
{
    for (size_t i = 0; i < m->op_count; i++) {
        if (!m->ops[i].folded && !nn_isa_prepare(m, &m->ops[i], err)) {
            return false;
        }
    }
    return true;
}

bool nn_plan(struct nn_model *m, struct error *err)
{
    m->input->ready = true;
    for (size_t i = 0; i < m->op_count; i++) {
        if (!prepare_op(m, &m->ops[i], err)) {
            return false;
        }
    }
    if (!m->output->ready || m->output == m->input) {
        return error_set(err, ERROR_DATA, "%s: no operator writes the output", m->name);
    }
    find_logits(m);
    find_features(m);
    m->output->last = m->op_count;
    m->logits->last = m->op_count;
    if (!m->unfolded) {
        fold(m);
    }
    find_fine_map(m);
    return choose_kernels(m, err) && plan_arena(m, err);
}
