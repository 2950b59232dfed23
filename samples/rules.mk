# The sample pictures: `make samples` draws samples/photos again.
SAMPLES_SRC := samples/render.c samples/bodies.c samples/trace.c

$(BUILD)/samples/render: $(SAMPLES_SRC) samples/scene.h
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(LINK) $(WARN) $(patsubst -I%,-isystem %,$(call pkg,--cflags stb libjpeg)) $(CPPFLAGS) -o $@ \
	    $(SAMPLES_SRC) $(call pkg,--libs libjpeg) -lm $(LIBS)

.PHONY: samples
samples: $(BUILD)/samples/render
	$(call say,RENDER,samples/photos)
	$(Q)$< samples
