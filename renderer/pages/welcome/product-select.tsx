import { useId } from 'react';
import { everything } from '../../store/catalogue.ts';
import { useLoaded, useStores } from '../../store/use-stores.ts';

/** The product that a folder is of. */
export function ProductSelect({ value, onChange }: { value: string; onChange: (product: string) => void }) {
  const products = useLoaded(useStores().products, everything);
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Product</label>
      <select id={id} value={value} required onChange={(event) => onChange(event.target.value)}>
        <option value="">Choose …</option>
        {(products.value ?? []).map((product) => (
          <option key={product.product} value={product.product}>
            {product.title}
          </option>
        ))}
      </select>
    </div>
  );
}
