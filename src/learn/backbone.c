#include "learn/backbone.h"

/* Includes the file's bytes; the path counts from the root of the tree, where make runs. */
__asm__(".pushsection .rodata,\"a\",%progbits\n"
        ".balign 64\n"
        ".hidden thumbtag_backbone\n"
        ".hidden thumbtag_backbone_end\n"
        ".global thumbtag_backbone\n"
        ".global thumbtag_backbone_end\n"
        "thumbtag_backbone:\n"
        ".incbin \"src/learn/backbone.tflite\"\n"
        "thumbtag_backbone_end:\n"
        ".byte 0\n"
        ".popsection\n");

extern const unsigned char thumbtag_backbone[];
extern const unsigned char thumbtag_backbone_end[];

const void *backbone_bytes(size_t *len)
{
    *len = (size_t)(thumbtag_backbone_end - thumbtag_backbone);
    return thumbtag_backbone;
}
