DROP TABLE resupply_plan;
