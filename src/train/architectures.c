#include "architectures.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define STAGES 4

/* Residual networks (He et al. 2016) of two 3x3 convolutions a block, and
 * depthwise-separable ones (Howard et al. 2017). Each begins with a 3x3
 * convolution of stride 2; each stage but the first one halves the side. */
struct architecture {
    const char *name;
    bool separable;
    int channels[STAGES]; /* the first number is also the stem's */
    int blocks[STAGES];
};

static const struct architecture architectures[] = {
    { "residual-s", false, { 16, 32, 64, 128 }, { 1, 1, 1, 1 } },
    { "residual-m", false, { 32, 64, 96, 160 }, { 1, 1, 1, 1 } },
    { "residual-l", false, { 32, 64, 128, 256 }, { 1, 2, 3, 1 } },
    { "residual-xl", false, { 32, 64, 128, 256 }, { 1, 2, 4, 2 } },
    { "separable-s", true, { 16, 32, 64, 128 }, { 1, 2, 2, 1 } },
    { "separable-m", true, { 32, 64, 128, 256 }, { 1, 2, 4, 1 } },
    { "separable-l", true, { 48, 96, 192, 384 }, { 1, 2, 4, 2 } },
};

static size_t residual_block(struct net *net, size_t in, int channels, int stride)
{
    size_t shortcut = in;
    if (stride != 1 || net->tensors[in].channels != channels) {
        shortcut = net_norm(net, net_conv(net, in, 1, stride, channels), NET_NO_TENSOR, false);
    }
    size_t x = net_norm(net, net_conv(net, in, 3, stride, channels), NET_NO_TENSOR, true);
    return net_norm(net, net_conv(net, x, 3, 1, channels), shortcut, true);
}

static size_t separable_block(struct net *net, size_t in, int channels, int stride)
{
    size_t x = net_norm(net, net_depthwise(net, in, 3, stride), NET_NO_TENSOR, true);
    bool same = stride == 1 && net->tensors[in].channels == channels;
    return net_norm(net, net_conv(net, x, 1, 1, channels), same ? in : NET_NO_TENSOR, true);
}

static void build_layers(const struct architecture *a, int classes, struct net *net)
{
    net_init(net, 3);
    size_t x = net_norm(net, net_conv(net, 0, 3, 2, a->channels[0]), NET_NO_TENSOR, true);
    for (int stage = 0; stage < STAGES; stage++) {
        for (int block = 0; block < a->blocks[stage]; block++) {
            int stride = stage > 0 && block == 0 ? 2 : 1;
            x = a->separable ? separable_block(net, x, a->channels[stage], stride)
                             : residual_block(net, x, a->channels[stage], stride);
        }
    }
    net_dense(net, net_mean(net, x), classes);
}

bool architecture_build(const char *name, int classes, struct net *net, struct error *err)
{
    struct buf names = BUF_INIT;
    for (size_t i = 0; i < ARRAY_LEN(architectures); i++) {
        if (strcmp(architectures[i].name, name) == 0) {
            build_layers(&architectures[i], classes, net);
            buf_release(&names);
            return true;
        }
        buf_addf(&names, "%s%s", i ? ", " : "", architectures[i].name);
    }
    error_set(err, ERROR_USAGE, "unknown architecture '%s'; choose one of %s", name,
              buf_text(&names));
    buf_release(&names);
    return false;
}
