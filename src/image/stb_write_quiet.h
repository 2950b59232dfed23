/* stb_image_write's code, compiled into the one file that includes this, without compiler
 * warnings. */
#ifndef IMAGE_STB_WRITE_QUIET_H
#define IMAGE_STB_WRITE_QUIET_H
#pragma GCC system_header

/* Not STBI_WRITE_NO_STDIO: it leaves a function declared but not defined. */
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb_image_write.h>

#endif
