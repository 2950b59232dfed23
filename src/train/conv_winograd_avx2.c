#define WIDTH 8

#include "conv_winograd_loops.h"

static bool detect(void)
{
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

const struct winograd_loops winograd_avx2 = { .detect = detect,
                                              .from_input = from_input,
                                              .from_gradient = from_gradient,
                                              .to_output = to_output,
                                              .from_filter = from_filter,
                                              .from_turned_filter = from_turned_filter,
                                              .to_filter = to_filter,
                                              .product = product,
                                              .product_over_rows = product_over_rows };
