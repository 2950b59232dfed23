#include "train/train.h"

#include <stdio.h>
#include <string.h>

#include "conv.h"
#include "matmul.h"

void train_describe(char *text, size_t size)
{
    char blas[128];
    const char *path = conv_path_name();
    matmul_describe(blas, sizeof blas);
    if (strcmp(path, "blas") == 0) {
        snprintf(text, size, "%s", blas);
    } else {
        snprintf(text, size, "convolutions %s, the rest %s", path, blas);
    }
}
