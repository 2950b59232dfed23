#include "app.h"

int32_t class_color(const struct ui *ui, size_t i)
{
    if (i >= ui->options.classes->count) {
        return COLOR_DEFAULT;
    }
    const struct class *class = &ui->options.classes->items[i];
    const struct theme *theme = ui->theme;
    if (class->color != CLASS_COLOR_NONE) {
        return class->color;
    }
    return theme->class_color_count ? theme->class_colors[i % (size_t)theme->class_color_count]
                                    : COLOR_DEFAULT;
}
