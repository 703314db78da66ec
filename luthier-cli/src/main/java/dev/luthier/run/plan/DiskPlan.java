package dev.luthier.run.plan;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * The disk space a run will take in its folder, in bytes.
 *
 * @param components what it consists of
 * @param total when the run is done
 * @param peak while the last checkpoint is written, before an old one is deleted
 */
@JsonNaming(PropertyNamingStrategies.KebabCaseStrategy.class)
public record DiskPlan(List<Amount> components, long total, long peak) {}
