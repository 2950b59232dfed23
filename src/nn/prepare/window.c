/* Checks of the operators that slide a window: convolutions and pools. */
#include "prepare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define MAX_STEP 4096 /* of a stride, a dilation, a side of a window */

enum { PADDING_SAME = 0, PADDING_VALID = 1 };

/* One axis: from input size, kernel, stride and dilation to the output's size and the
 * padding in front. With SAME, an odd one goes behind. */
static bool slide(const struct nn_prepare *p, uint8_t padding, const int axis[4], int *out,
                  int *pad)
{
    int in = axis[0], kernel = axis[1], stride = axis[2], dilation = axis[3];
    if (kernel < 1 || stride < 1 || dilation < 1 || kernel > MAX_STEP || stride > MAX_STEP ||
        dilation > MAX_STEP) {
        return nn_refuse(p, ERROR_DATA,
                         "window %d, stride %d, dilation %d: each must be from 1 to %d", kernel,
                         stride, dilation, MAX_STEP);
    }
    int reach = (kernel - 1) * dilation + 1;
    if (padding == PADDING_SAME) {
        *out = in / stride + (in % stride != 0);
        int64_t total = (int64_t)(*out - 1) * stride + reach - in;
        *pad = total > 0 ? (int)(total / 2) : 0;
        return true;
    }
    if (padding != PADDING_VALID) {
        return nn_refuse(p, ERROR_DATA, "padding %d is neither SAME nor VALID", padding);
    }
    if (reach > in) {
        return nn_refuse(p, ERROR_DATA, "a window over %d does not fit into an input of %d", reach,
                         in);
    }
    *out = (in - reach) / stride + 1;
    *pad = 0;
    return true;
}

/* Fills the rest of a window whose in_h, in_w, kernel, stride, dilation and
 * out_c are set, and checks the output's shape against it. */
static bool place_window(const struct nn_prepare *p, uint8_t padding, struct nn_window *w)
{
    const int rows[4] = { w->in_h, w->kernel_h, w->stride_h, w->dilation_h };
    const int columns[4] = { w->in_w, w->kernel_w, w->stride_w, w->dilation_w };
    if (!slide(p, padding, rows, &w->out_h, &w->pad_top) ||
        !slide(p, padding, columns, &w->out_w, &w->pad_left)) {
        return false;
    }
    return nn_need_output_dims(p, 4, (const int32_t[]){ 1, w->out_h, w->out_w, w->out_c });
}

static void set_input(struct nn_window *w, const struct nn_tensor *in)
{
    w->in_h = in->info.dims[1];
    w->in_w = in->info.dims[2];
    w->in_c = in->info.dims[3];
}

static bool need_weights(const struct nn_prepare *p, int axis)
{
    const struct nn_tensor *weights = p->op->in[1];
    if (!nn_need_int8_weights(p, weights)) {
        return false;
    }
    if (weights->scales.count == 0) {
        return nn_refuse(p, ERROR_DATA, "the weights have no scale");
    }
    if (weights->scales.count > 1 && weights->axis != axis) {
        return nn_refuse(p, ERROR_UNSUPPORTED,
                         "the weights are quantised along dimension %d; only %d is supported",
                         (int)weights->axis, axis);
    }
    if (weights->info.zero_point != 0) {
        return nn_refuse(p, ERROR_UNSUPPORTED,
                         "the weights have zero point %d; only 0 is supported",
                         (int)weights->info.zero_point);
    }
    return true;
}

/* The bias as aligned int32, zeros when the operator has none. */
static bool read_bias(struct nn_prepare *p, int32_t **bias)
{
    size_t channels = (size_t)p->op->p.conv.window.out_c;
    *bias = nn_model_alloc(p->model, channels, sizeof(**bias), p->err);
    if (!*bias) {
        return false;
    }
    if (p->op->operand_count < 3 || !p->op->in[2]) {
        return true;
    }
    if (p->op->in[2]->info.type != NN_INT32) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "the bias is not int32");
    }
    return nn_read_constant(p, 2, channels, *bias);
}

/* The scale of a bias is input scale * weight scale. A file whose scale is off by more than
 * a fiftieth of an output step is refused: it means something else. */
static bool bias_scale_fits(const struct nn_prepare *p, size_t channel, float product)
{
    const struct nn_tensor *bias = p->op->operand_count > 2 ? p->op->in[2] : NULL;
    if (!bias || bias->scales.count == 0) {
        return true;
    }
    size_t channels = (size_t)p->op->p.conv.window.out_c;
    if (bias->scales.count != 1 && bias->scales.count != channels) {
        return nn_refuse(p, ERROR_DATA, "the bias has %u scales for %zu channels",
                         (unsigned)bias->scales.count, channels);
    }
    float scale = fb_f32_at(&p->model->fb, bias->scales, bias->scales.count > 1 ? channel : 0);
    if (!(fabsf(scale - product) <= 0.02f * p->op->out->info.scale)) {
        return nn_refuse(p, ERROR_UNSUPPORTED,
                         "channel %zu: the bias scale is %g, but input times weight scale is %g",
                         channel, (double)scale, (double)product);
    }
    return true;
}

static bool read_scales(struct nn_prepare *p, float **scales)
{
    const struct nn_tensor *weights = p->op->in[1];
    size_t channels = (size_t)p->op->p.conv.window.out_c;
    *scales = nn_model_alloc(p->model, channels, sizeof(**scales), p->err);
    if (!*scales) {
        return false;
    }
    for (size_t c = 0; c < channels; c++) {
        float weight = fb_f32_at(&p->model->fb, weights->scales, weights->scales.count > 1 ? c : 0);
        float product = p->op->in[0]->info.scale * weight;
        (*scales)[c] = product / p->op->out->info.scale;
        if (!nn_need_scale(p, (*scales)[c]) || !bias_scale_fits(p, c, product)) {
            return false;
        }
    }
    return true;
}

/* The common part of both convolutions and FULLY_CONNECTED, after the window's out_c is
 * known. */
static bool read_constants(struct nn_prepare *p, uint8_t activation)
{
    struct nn_conv *conv = &p->op->p.conv;
    int32_t *bias;
    float *scales;
    conv->input_zero_point = p->op->in[0]->info.zero_point;
    conv->weights = (const int8_t *)p->op->in[1]->data;
    if (!nn_model_charge(p->model, p->op->in[1]->info.bytes, p->err) ||
        !nn_need_activation(p, activation, &conv->range) || !read_bias(p, &bias) ||
        !read_scales(p, &scales)) {
        return false;
    }
    conv->bias = bias;
    conv->scales = scales;
    return true;
}

bool nn_prepare_conv(struct nn_prepare *p)
{
    const struct nn_tensor *in = p->op->in[0], *weights = p->op->in[1];
    const struct fb_table *options = &p->op->options;
    if (!nn_need_int8(p) || !nn_need_picture(p, in, "input") || !need_weights(p, 0)) {
        return false;
    }
    if (weights->info.rank != 4 || in->info.dims[3] % weights->info.dims[3] != 0) {
        return nn_refuse(
            p, ERROR_UNSUPPORTED, "the weights have %d input channels, but the input has %d",
            weights->info.rank == 4 ? (int)weights->info.dims[3] : 0, (int)in->info.dims[3]);
    }
    const int groups = in->info.dims[3] / weights->info.dims[3];
    if (weights->info.dims[0] % groups != 0) {
        return nn_refuse(p, ERROR_DATA, "%d output channels are not a multiple of %d groups",
                         (int)weights->info.dims[0], groups);
    }
    p->op->p.conv.groups = groups;
    struct nn_window *w = &p->op->p.conv.window;
    *w = (struct nn_window){
        .out_c = weights->info.dims[0],
        .kernel_h = weights->info.dims[1],
        .kernel_w = weights->info.dims[2],
        .stride_w = fb_i32(options, 1, 0),
        .stride_h = fb_i32(options, 2, 0),
        .dilation_w = fb_i32(options, 4, 1),
        .dilation_h = fb_i32(options, 5, 1),
    };
    set_input(w, in);
    size_t taps = (size_t)w->kernel_h * (size_t)w->kernel_w * (size_t)weights->info.dims[3];
    if (!place_window(p, fb_u8(options, 0, 0), w) || !read_constants(p, fb_u8(options, 3, 0))) {
        return false;
    }
    p->op->info.macs = (uint64_t)p->op->out->info.elements * taps;
    return true;
}

bool nn_prepare_depthwise(struct nn_prepare *p)
{
    const struct nn_tensor *in = p->op->in[0], *weights = p->op->in[1];
    const struct fb_table *options = &p->op->options;
    if (!nn_need_int8(p) || !nn_need_picture(p, in, "input") || !need_weights(p, 3) ||
        !nn_need_picture(p, weights, "weight tensor")) {
        return false;
    }
    struct nn_window *w = &p->op->p.conv.window;
    *w = (struct nn_window){
        .out_c = weights->info.dims[3],
        .kernel_h = weights->info.dims[1],
        .kernel_w = weights->info.dims[2],
        .stride_w = fb_i32(options, 1, 0),
        .stride_h = fb_i32(options, 2, 0),
        .dilation_w = fb_i32(options, 5, 1),
        .dilation_h = fb_i32(options, 6, 1),
    };
    set_input(w, in);
    if (w->out_c % w->in_c != 0) {
        return nn_refuse(p, ERROR_DATA,
                         "%d output channels are not a multiple of %d input channels", w->out_c,
                         w->in_c);
    }
    /* Some older converters leave the option at 0 or set it wrong, so the shapes decide. */
    p->op->p.conv.multiplier = w->out_c / w->in_c;
    size_t taps = (size_t)w->kernel_h * (size_t)w->kernel_w;
    if (!place_window(p, fb_u8(options, 0, 0), w) || !read_constants(p, fb_u8(options, 4, 0))) {
        return false;
    }
    p->op->info.macs = (uint64_t)p->op->out->info.elements * taps;
    return true;
}

bool nn_prepare_fully_connected(struct nn_prepare *p)
{
    const struct nn_tensor *in = p->op->in[0], *weights = p->op->in[1];
    const struct fb_table *options = &p->op->options;
    if (!nn_need_int8(p) || !need_weights(p, 0)) {
        return false;
    }
    if (fb_u8(options, 1, 0) != 0) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "shuffled weights");
    }
    if (weights->info.rank != 2 || in->info.elements % (size_t)weights->info.dims[1] != 0) {
        return nn_refuse(p, ERROR_DATA,
                         "an input of %zu elements does not match weights of %d dimensions",
                         in->info.elements, weights->info.rank);
    }
    struct nn_conv *conv = &p->op->p.conv;
    conv->window.out_c = weights->info.dims[0];
    conv->window.in_c = weights->info.dims[1];
    conv->rows = in->info.elements / (size_t)conv->window.in_c;
    /* [rows, out_c], or with keep_num_dims the input's own leading dimensions. */
    const struct nn_tensor_info *out = &p->op->out->info;
    if (out->rank < 1 || out->dims[out->rank - 1] != conv->window.out_c ||
        out->elements != conv->rows * (size_t)conv->window.out_c) {
        return nn_refuse(p, ERROR_DATA, "the output has %zu elements; expected %zu rows of %d",
                         out->elements, conv->rows, conv->window.out_c);
    }
    size_t taps = (size_t)conv->window.in_c;
    if (!read_constants(p, fb_u8(options, 0, 0))) {
        return false;
    }
    p->op->info.macs = (uint64_t)out->elements * taps;
    return true;
}

static bool sums_fit(const struct nn_prepare *p, const struct nn_window *w)
{
    int64_t rows = w->kernel_h < w->in_h ? w->kernel_h : w->in_h;
    int64_t columns = w->kernel_w < w->in_w ? w->kernel_w : w->in_w;
    if (rows * columns > INT32_MAX / 255) {
        return nn_refuse(p, ERROR_UNSUPPORTED, "a mean over %lld values; the limit is %d",
                         (long long)(rows * columns), INT32_MAX / 255);
    }
    return true;
}

static bool prepare_pool(struct nn_prepare *p)
{
    const struct nn_tensor *in = p->op->in[0];
    const struct fb_table *options = &p->op->options;
    if (!nn_need_int8(p) || !nn_need_picture(p, in, "input") || !nn_need_same_quantisation(p)) {
        return false;
    }
    struct nn_pool *pool = &p->op->p.pool;
    pool->input_zero_point = in->info.zero_point;
    pool->input_scale = in->info.scale;
    pool->output_scale = p->op->out->info.scale;
    pool->window = (struct nn_window){
        .out_c = in->info.dims[3],
        .stride_w = fb_i32(options, 1, 0),
        .stride_h = fb_i32(options, 2, 0),
        .kernel_w = fb_i32(options, 3, 0),
        .kernel_h = fb_i32(options, 4, 0),
        .dilation_w = 1,
        .dilation_h = 1,
    };
    set_input(&pool->window, in);
    return place_window(p, fb_u8(options, 0, 0), &pool->window) &&
           nn_need_activation(p, fb_u8(options, 5, 0), &pool->range) && sums_fit(p, &pool->window);
}

bool nn_prepare_average_pool(struct nn_prepare *p)
{
    return prepare_pool(p);
}

bool nn_prepare_max_pool(struct nn_prepare *p)
{
    return prepare_pool(p);
}

/* MEAN over height and width; the two axes may come in either order. */
bool nn_prepare_mean(struct nn_prepare *p)
{
    const struct nn_tensor *in = p->op->in[0];
    int32_t axes[2];
    if (!nn_need_int8(p) || !nn_need_picture(p, in, "input") || !nn_read_constant(p, 1, 2, axes)) {
        return false;
    }
    int32_t a = axes[0] < 0 ? axes[0] + 4 : axes[0];
    int32_t b = axes[1] < 0 ? axes[1] + 4 : axes[1];
    if (!((a == 1 && b == 2) || (a == 2 && b == 1))) {
        return nn_refuse(p, ERROR_UNSUPPORTED,
                         "a mean over axes %d and %d; only 1 and 2 are supported", (int)axes[0],
                         (int)axes[1]);
    }
    struct nn_pool *pool = &p->op->p.pool;
    pool->input_zero_point = in->info.zero_point;
    pool->input_scale = in->info.scale;
    pool->output_scale = p->op->out->info.scale;
    struct nn_window *w = &pool->window;
    *w = (struct nn_window){ .out_c = in->info.dims[3], .out_h = 1, .out_w = 1 };
    set_input(w, in);
    w->kernel_h = w->in_h;
    w->kernel_w = w->in_w;
    w->stride_h = w->stride_w = w->dilation_h = w->dilation_w = 1;
    bool keep = fb_u8(&p->op->options, 0, 0) != 0;
    const int32_t kept[] = { 1, 1, 1, w->out_c }, dropped[] = { 1, w->out_c };
    return nn_need_output_dims(p, keep ? 4 : 2, keep ? kept : dropped) &&
           nn_need_activation(p, 0, &pool->range) && sums_fit(p, w) &&
           nn_need_scale(p, pool->input_scale / pool->output_scale);
}
