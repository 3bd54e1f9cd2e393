import { childrenOf } from "./child-relationships.ts";
import type { Field } from "./field.ts";
import type { SObject } from "./sobject.ts";

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_describeGlobal.htm */
export function describeGlobally(object: SObject, base: string) {
  const { name, label, labelPlural, keyPrefix, isCustom } = object;
  const url = `${base}/sobjects/${name}`;
  return {
    activateable: false,
    createable: true,
    custom: isCustom,
    customSetting: false,
    deletable: true,
    deprecatedAndHidden: false,
    feedEnabled: false,
    hasSubtypes: false,
    isSubtype: false,
    keyPrefix,
    label,
    labelPlural,
    layoutable: true,
    mergeable: ["Account", "Contact", "Lead", "Case"].includes(name),
    mruEnabled: true,
    name,
    queryable: true,
    replicateable: true,
    retrieveable: true,
    searchable: true,
    triggerable: true,
    undeletable: true,
    updateable: true,
    urls: { sobject: url, describe: `${url}/describe`, rowTemplate: `${url}/{ID}` },
  };
}

/** https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_describe.htm */
export function describe(object: SObject, base: string, all: readonly SObject[]) {
  const named = childrenOf(all, object);
  const childRelationships = all.flatMap(({ name: childSObject, fields }) =>
    fields
      .filter(({ referenceTo }) => referenceTo === object.name)
      .map(({ name: field }) => ({
        cascadeDelete: false,
        childSObject,
        deprecatedAndHidden: false,
        field,
        junctionIdListNames: [],
        junctionReferenceTo: [],
        relationshipName:
          named.find((one) => one.object.name === childSObject && one.field.name === field)?.name ?? null,
        restrictedDelete: false,
      })),
  );
  return {
    ...describeGlobally(object, base),
    actionOverrides: [],
    childRelationships,
    compactLayoutable: true,
    fields: object.fields.map(describeField),
    recordTypeInfos: [],
    supportedScopes: [],
  };
}

const soapTypes: { [type: string]: string } = {
  id: "tns:ID",
  reference: "tns:ID",
  boolean: "xsd:boolean",
  int: "xsd:int",
  double: "xsd:double",
  currency: "xsd:double",
  percent: "xsd:double",
  date: "xsd:date",
  datetime: "xsd:dateTime",
};

function describeField(field: Field) {
  const { name, label, type, length, isRequired, isWritable, isExternalId, isUnique } = field;
  const isNumber = ["double", "currency", "percent"].includes(type);
  return {
    aggregatable: true,
    autoNumber: false,
    byteLength: length * 3,
    calculated: false,
    caseSensitive: false,
    createable: isWritable,
    custom: name.endsWith("__c"),
    defaultValue: field.standard ?? null,
    defaultedOnCreate: field.standard !== undefined || name === "OwnerId" || !isWritable,
    deprecatedAndHidden: false,
    digits: type === "int" ? 8 : 0,
    externalId: isExternalId,
    filterable: type !== "textarea",
    groupable: !isNumber,
    htmlFormatted: false,
    idLookup: type === "id" || isExternalId,
    label,
    length,
    name,
    nameField: name === "Name" || name === "CaseNumber",
    namePointing: false,
    nillable: !isRequired && type !== "boolean" && isWritable && name !== "OwnerId",
    permissionable: isWritable,
    picklistValues: (field.values ?? []).map((value) => ({
      active: true,
      defaultValue: value === field.standard,
      label: value,
      validFor: null,
      value,
    })),
    precision: isNumber ? 18 : 0,
    queryByDistance: false,
    referenceTo: field.referenceTo ? [field.referenceTo] : [],
    relationshipName: field.relationshipName ?? null,
    restrictedPicklist: false,
    scale: isNumber ? 2 : 0,
    soapType: soapTypes[type] ?? "xsd:string",
    sortable: type !== "textarea",
    type,
    unique: isUnique,
    updateable: isWritable,
    writeRequiresMasterRead: false,
  };
}
